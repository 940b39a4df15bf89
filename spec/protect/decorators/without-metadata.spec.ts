import { worksWithoutReflectMetadata } from './shared/without-metadata';

describe('a TC39 decorator', worksWithoutReflectMetadata);
