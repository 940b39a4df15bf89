import { agree } from '../core/agreement';
import type { Breaker } from './breaker';
import type { BreakerSettings, ResolvedBreakerOptions } from './options';
import { isOpen } from './states';
import { tripRule } from './trip-rules';

/**
 * How long an opening lasts: `recoveryTimeout · factor^reopenings`, at most `max` (itself at least `recoveryTimeout`), spread by ± `jitter`.
 *
 * @param spread - From -1 to 1.
 * @returns Milliseconds.
 */
export function openTimeOf({ recoveryTimeout, recoveryBackoff }: ResolvedBreakerOptions, reopenings: number, spread: number): number {
  if (recoveryBackoff === undefined || recoveryTimeout === Infinity) return recoveryTimeout;
  const { factor, max, jitter } = recoveryBackoff;
  const cap = Math.max(max, recoveryTimeout);
  return Math.min(cap, Math.min(cap, recoveryTimeout * factor ** reopenings) * (1 + jitter * spread));
}

/** Which point of the jitter an opening has, from -1 to 1. */
export function drawSpread({ options, random }: BreakerSettings): number {
  return (options.recoveryBackoff?.jitter ?? 0) > 0 ? random() * 2 - 1 : 0;
}

/** Takes over new settings: a new trip rule adopts what the old one has counted, and an open time that is not over is another one. */
export function adoptSettings(breaker: Breaker, settings: BreakerSettings): void {
  const nowMs = breaker.ageNow();
  const { closed, current, options: before, reopenings } = breaker;
  const { options } = settings;
  breaker.settings = settings;
  const areSame = (...names: ('failureThreshold' | 'window' | 'tripRule' | 'recoveryTimeout' | 'recoveryBackoff')[]): boolean =>
    names.every((name) => agree(before[name], options[name]));
  if (!areSame('failureThreshold', 'window', 'tripRule')) {
    const rule = tripRule(options, breaker);
    rule.adopt?.(closed.rule, nowMs);
    closed.rule = rule;
  }
  if (areSame('recoveryTimeout', 'recoveryBackoff') || !isOpen(current) || current.isDue(nowMs)) return;
  current.reschedule(openTimeOf(options, reopenings, current.spread));
}
