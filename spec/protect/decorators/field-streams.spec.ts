import { protectsStreamFields } from './shared/field-streams';

describe('a field that holds an async generator', protectsStreamFields);
