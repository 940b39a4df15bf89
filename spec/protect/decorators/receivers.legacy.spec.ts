import { tellsReceiversApart } from './shared/receivers';

describe('a legacy decorator', tellsReceiversApart);
