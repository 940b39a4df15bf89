import { boundsDecoratedMethods } from './support/decorated';

describe('a TC39 @Bulkhead', boundsDecoratedMethods);
