import { inheritsOperations } from './shared/inheritance';

describe('rule 31: a subclass, with legacy decorators', inheritsOperations);
