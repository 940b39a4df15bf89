import { ConfigurationError } from '../core/errors';
import { isRecord } from '../core/options';
import type { PolicyKind } from '../core/policy';
import type { PolicyOptions } from '../protect/policies';
import { markPreset } from '../protect/preset-marks';
import { bulkheadKind } from '../bulkhead/policy';
import { hedgeKind } from '../hedge/policy';
import { timeoutKind } from '../timeout/policy';

/**
 * A preset with what its user says over it: policies are merged option by option, nested options replace whole, and `undefined`
 * leaves the preset's. A policy that the preset lacks is added; a hedge repeats what the retry may, unless it says otherwise. All else is checked where the policies are applied.
 *
 * @throws {@link ConfigurationError} when the overrides are no object.
 */
export function override(preset: PolicyOptions, overrides: PolicyOptions, subject: string): PolicyOptions {
  if (!isRecord(overrides)) {
    throw new ConfigurationError(subject, [{ path: '', message: 'must be an object of policies', received: overrides }]);
  }
  const base = preset as Record<string, unknown>;
  const merged = said(overrides).map(([name, own]): [string, unknown] => [name, mergedPolicy(base[name], inFull(name, own))]);
  return markPreset(hedgedAsRetried(Object.fromEntries([...Object.entries(base), ...merged]) as PolicyOptions), subject);
}

/** A request that must not be retried must not be hedged either. */
function hedgedAsRetried(policies: PolicyOptions): PolicyOptions {
  const { hedge, retry }: { hedge?: unknown; retry?: PolicyOptions['retry'] } = policies;
  if (!isRecord(hedge) || hedge.idempotent !== undefined || retry?.idempotent === undefined) return policies;
  return { ...policies, hedge: { ...hedge, idempotent: retry.idempotent } as PolicyOptions['hedge'] };
}

/** The policies that are merged with something and have a short form. */
const WITH_SHORT_FORM: readonly PolicyKind[] = [bulkheadKind, timeoutKind, hedgeKind];

function inFull(name: string, own: unknown): unknown {
  const kind = WITH_SHORT_FORM.find(({ policy }) => policy === name);
  return kind?.expand === undefined ? own : kind.expand(own);
}

function mergedPolicy(preset: unknown, own: unknown): unknown {
  if (!isRecord(preset) || !isRecord(own)) return own;
  const merged = Object.fromEntries([...Object.entries(preset), ...said(own)]);
  // Who says the one does not want the other: a breaker trips by a count or by a rate, and without a queue nobody waits.
  if (own.failureThreshold !== undefined && own.window === undefined) delete merged.window;
  if (own.maxQueue === 0 && own.maxWait === undefined) delete merged.maxWait;
  return merged;
}

function said(given: object): [string, unknown][] {
  return Object.entries(given).filter(([, value]) => value !== undefined);
}
