import { throttlesMethods } from './shared/decorated';

describe('@Throttle, a TC39 decorator', throttlesMethods);
