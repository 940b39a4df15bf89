import { limitsMethods } from './shared/decorated';

describe('@RateLimit, a legacy decorator', limitsMethods);
