import { standsBesideForeignDecorators } from './shared/foreign-decorators';

describe('a TC39 decorator', standsBesideForeignDecorators);
