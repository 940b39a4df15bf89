import { inheritsOperations } from './shared/inheritance';

describe('rule 31: a subclass, with TC39 decorators', inheritsOperations);
