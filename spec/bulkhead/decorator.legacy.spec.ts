import { boundsDecoratedMethods } from './support/decorated';

describe('a legacy @Bulkhead', boundsDecoratedMethods);
