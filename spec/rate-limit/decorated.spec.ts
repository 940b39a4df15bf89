import { limitsMethods } from './shared/decorated';

describe('@RateLimit, a TC39 decorator', limitsMethods);
