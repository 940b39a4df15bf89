import { inheritsOperations } from './shared/inheritance';

describe('a legacy decorator', inheritsOperations);
