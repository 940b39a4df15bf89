import { throttlesMethods } from './shared/decorated';

describe('@Throttle, a legacy decorator', throttlesMethods);
