import { strikesMethods } from './shared/chaos';

describe('@Chaos, as a legacy decorator', strikesMethods);
