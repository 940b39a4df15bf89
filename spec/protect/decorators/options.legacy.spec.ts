import { refusesBadOptions } from './shared/options';

describe('a legacy decorator', () => refusesBadOptions('VideoService.download'));
