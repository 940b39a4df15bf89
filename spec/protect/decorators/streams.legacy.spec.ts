import { protectsStreams } from './shared/streams';

describe('a legacy decorator', protectsStreams);
