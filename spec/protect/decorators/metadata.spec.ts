import { carriesMetadata } from './shared/metadata';

describe('a TC39 decorator', carriesMetadata);
