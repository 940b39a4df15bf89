import { standsBesideForeignDecorators } from './shared/foreign-decorators';

describe('a legacy decorator', standsBesideForeignDecorators);
