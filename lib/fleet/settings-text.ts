import type { BreakerSettings } from '../breaker/options';
import type { ResolvedShareOptions } from './options';
import { wellFormed } from './shared-name';

/** Options by which processes that share a breaker decide, and which should be the same in all. */
const DECIDING = ['failureThreshold', 'recoveryTimeout', 'window', 'recoveryBackoff', 'halfOpen'] as const;

/** By how it is shared, since a registry may be shared again, in another way. */
const texts = new WeakMap<ResolvedShareOptions, WeakMap<BreakerSettings, string>>();

/** What a breaker is set to, as text to compare and to show. */
export function settingsText(settings: BreakerSettings, options: ResolvedShareOptions): string {
  const known = texts.get(options) ?? new WeakMap<BreakerSettings, string>();
  texts.set(options, known);
  const text = known.get(settings) ?? asText(settings, options);
  known.set(settings, text);
  return text;
}

function asText(settings: BreakerSettings, { share, quorum, probes }: ResolvedShareOptions): string {
  const chosen = Object.fromEntries(DECIDING.map((name) => [name, settings.options[name]]));
  const json = JSON.stringify({ ...chosen, share, quorum, probes }, (_name, value: unknown) => (value === Infinity ? 'Infinity' : value));
  return wellFormed(json);
}
