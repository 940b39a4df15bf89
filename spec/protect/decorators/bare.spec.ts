import { worksWithAndWithoutParentheses } from './shared/bare';

describe('a TC39 decorator', worksWithAndWithoutParentheses);
