import type { BreakerSettings } from '../policies/circuit-breaker/options';
import type { ResolvedShareOptions } from './options';
import { wellFormed } from './shared-name';

/** Options by which processes that share a breaker decide, and which should be the same in all. */
const DECIDING = ['failureThreshold', 'recoveryTimeout', 'window', 'recoveryBackoff', 'halfOpen'] as const;

const texts = new WeakMap<BreakerSettings, string>();

/** What a breaker is set to, as text to compare and to show. */
export function settingsText(settings: BreakerSettings, { share, quorum, probes }: ResolvedShareOptions): string {
  const known = texts.get(settings);
  if (known !== undefined) return known;
  const chosen = Object.fromEntries(DECIDING.map((name) => [name, settings.options[name]]));
  const json = JSON.stringify({ ...chosen, share, quorum, probes }, (_name, value: unknown) => (value === Infinity ? 'Infinity' : value));
  const text = wellFormed(json);
  texts.set(settings, text);
  return text;
}
