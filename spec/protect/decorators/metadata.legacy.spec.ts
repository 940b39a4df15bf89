import { carriesMetadata } from './shared/metadata';

describe('a legacy decorator', carriesMetadata);
