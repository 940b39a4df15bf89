import { cachesMethods } from './shared/methods';

describe('@Cache by experimentalDecorators', cachesMethods);
