import { tellsReceiversApart } from './shared/receivers';

describe('a TC39 decorator', tellsReceiversApart);
