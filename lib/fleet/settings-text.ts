import type { BreakerSettings } from '../breaker/options';
import type { ResolvedShareOptions } from './options';
import { wellFormed } from './shared-name';

/** What a breaker is set to, as text to compare and to show: options by which processes that share it decide, and which should be the same in all. */
export function settingsText({ options }: BreakerSettings, { share, quorum, probes }: ResolvedShareOptions): string {
  const { failureThreshold, recoveryTimeout, window, recoveryBackoff, halfOpen } = options;
  const deciding = { failureThreshold, recoveryTimeout, window, recoveryBackoff, halfOpen, share, quorum, probes };
  return wellFormed(JSON.stringify(deciding, (_name, value: unknown) => (value === Infinity ? 'Infinity' : value)));
}
