import type { ResolvedBreakerOptions } from './options';
import { CountWindow } from './count-window';
import { FailureCount } from './failure-count';
import { FailureRate } from './failure-rate';
import { TimeWindow } from './time-window';
import { Consecutive, type TripCounts, type TripRule } from './trip-rule';

/** The rule that the options ask for, with nothing counted. */
export function tripRule({ tripRule: own, window, failureThreshold }: ResolvedBreakerOptions, counts: TripCounts): TripRule {
  if (own !== undefined) return own(counts);
  if (window === undefined) return new Consecutive(failureThreshold, counts);
  if (window.type === 'count') return new FailureRate(new CountWindow(window.size), window, window.size);
  return 'failures' in window ? new FailureCount(window.failures, window.duration) : new FailureRate(new TimeWindow(window.duration), window, undefined);
}
