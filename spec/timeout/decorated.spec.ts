import { limitsMethods } from './shared/decorated';

describe('@Timeout, a TC39 decorator', limitsMethods);
