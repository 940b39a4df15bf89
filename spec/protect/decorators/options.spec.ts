import { refusesBadOptions } from './shared/options';

// It does not know its class when it is applied.
describe('a TC39 decorator', () => refusesBadOptions('download'));
