import { forwardsCalls } from './shared/forwarding';

describe('a TC39 decorator', forwardsCalls);
