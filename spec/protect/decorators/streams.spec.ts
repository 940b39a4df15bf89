import { protectsStreams } from './shared/streams';

describe('a TC39 decorator', protectsStreams);
