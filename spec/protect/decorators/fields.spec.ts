import { protectsFields } from './shared/fields';

describe('an arrow-function field', protectsFields);
