import { worksWithAndWithoutParentheses } from './shared/bare';

describe('a legacy decorator', worksWithAndWithoutParentheses);
