import { inheritsOperations } from './shared/inheritance';

describe('a TC39 decorator', inheritsOperations);
