import type { BreakerOptions } from '../../../../../lib';
import type { ShareOptions } from '../../../../../lib/sharing';

/** Short, for specs that go by real time, and not so short that a machine with much else to do seems to be an outage. */
export const TIMES = { recoveryTimeout: 1000, probeWait: 50, pollInterval: 200, commandTimeout: 300, lease: 900 } as const;

export const OPERATION = 'pay';

export const breakerOptions: BreakerOptions = { name: OPERATION, failureThreshold: 2, recoveryTimeout: TIMES.recoveryTimeout };

const { probeWait, pollInterval, commandTimeout, lease } = TIMES;
export const shareOptions: ShareOptions = { probeWait, pollInterval, commandTimeout, lease };
