import type { BreakerOptions } from '../../../../../lib';
import type { ShareOptions } from '../../../../../lib/fleet';

export const OPERATION = 'pay';

/** Milliseconds. Short, for specs that go by real time. */
export const TIMES = { recoveryTimeout: 1000, probeWait: 50, pollInterval: 200 } as const;

export const breakerOptions = { name: OPERATION, failureThreshold: 2, recoveryTimeout: TIMES.recoveryTimeout } satisfies BreakerOptions;

/** The shortest lease that goes with a `commandTimeout`. */
export function leaseFor(commandTimeout: number): number {
  return 3 * commandTimeout;
}

export function shareOptions(commandTimeout: number): ShareOptions {
  const { probeWait, pollInterval } = TIMES;
  return { probeWait, pollInterval, commandTimeout, lease: leaseFor(commandTimeout), quorum: { min: 2, ratio: 0.5 } };
}
