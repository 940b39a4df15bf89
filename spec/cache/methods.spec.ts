import { cachesMethods } from './shared/methods';

describe('@Cache by the TC39 standard', cachesMethods);
