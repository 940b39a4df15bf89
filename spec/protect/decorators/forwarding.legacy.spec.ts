import { forwardsCalls } from './shared/forwarding';

describe('a legacy decorator', forwardsCalls);
