import { strikesMethods } from './shared/chaos';

describe('@Chaos, as a TC39 decorator', strikesMethods);
