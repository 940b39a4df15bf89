import { stacksDecorators } from './shared/stacking';

describe('a legacy decorator', stacksDecorators);
