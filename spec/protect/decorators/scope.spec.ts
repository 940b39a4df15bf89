import { scopesBreakers } from './shared/scope';

describe('a TC39 decorator', scopesBreakers);
