import { stacksDecorators } from './shared/stacking';

describe('a TC39 decorator', stacksDecorators);
