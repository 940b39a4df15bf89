import { limitsMethods } from './shared/decorated';

describe('@Timeout, a legacy decorator', limitsMethods);
