import { wallTime } from '../core/clock';
import type { Breaker } from './breaker';
import type { TransitionReason } from './events';
import { drawSpread, openTimeOf } from './open-time';
import { Closed, HalfOpen, Open } from './states';

/**
 * Opens a circuit, for the time that its options and its reopenings give.
 *
 * @param bySlowness - Whether calls were too slow then.
 * @param text - What `trip`, or a rule of the user's own, gave: events have it in place of the reason.
 */
export function openBy(breaker: Breaker, reason: TransitionReason, bySlowness: boolean, text: string | undefined): void {
  if (breaker.current.kind === 'half_open') breaker.reopenings++;
  const spread = drawSpread(breaker.settings);
  const openTimeMs = openTimeOf(breaker.options, breaker.reopenings, spread);
  const own = breaker.closed.rule.openState?.(breaker, openTimeMs);
  openAs(breaker, own ?? new Open(breaker, breaker.ageNow(), openTimeMs, spread), reason, bySlowness, text);
}

/** Opens a circuit, or goes on with another open state. */
export function openAs(breaker: Breaker, state: Open, reason: TransitionReason, bySlowness: boolean, text?: string): void {
  if (breaker.current.kind !== 'open') {
    breaker.opens++;
    breaker.openedAt = wallTime(breaker.clock);
    breaker.outage ??= { sinceMs: breaker.ageNow(), rejectedBefore: breaker.rejected, bySlowness };
  }
  breaker.enter(state, reason, undefined, text);
}

/** Goes on as it is; attempts in flight become late. A half-open period that processes share goes on: they count its probes. */
export function beginGeneration(breaker: Breaker): void {
  const { current, closed } = breaker;
  if (current === closed) {
    breaker.closed = Object.assign(new Closed(breaker, closed.rule), { successes: closed.successes, failures: closed.failures });
    breaker.enter(breaker.closed, 'restored'); // no transition: nobody sees the reason
  } else if (current.kind === 'half_open' && !breaker.isShared) {
    breaker.enter(new HalfOpen(breaker), 'restored');
  }
}
