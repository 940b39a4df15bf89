import { scopesBreakers } from './shared/scope';

describe('a legacy decorator', scopesBreakers);
