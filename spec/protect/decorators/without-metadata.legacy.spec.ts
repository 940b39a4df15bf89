import { worksWithoutReflectMetadata } from './shared/without-metadata';

describe('a legacy decorator', worksWithoutReflectMetadata);
