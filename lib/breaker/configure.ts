import { copyOptions, sameOptions } from '../core/options';
import type { Breaker } from './breaker';
import { isShared } from './observer';
import { breakerSettings, checkLiveOptions, type BreakerOptions, type BreakerSettings, type ResolvedBreakerOptions } from './options';
import { Closed, enter, HalfOpen, isOpen, openTimeOf } from './states';
import { ruleAfter } from './trip-rules';

/**
 * Changes options of one breaker while it works; they apply to the next decision. Nested objects are replaced whole. State, and what the
 * trip rule has counted, are kept.
 *
 * @throws {@link ConfigurationError}, and changes nothing.
 */
export function configureBreaker(breaker: Breaker, options: BreakerOptions): void {
  const subject = `configure of ${breaker.name}`;
  checkLiveOptions(options, subject);
  configureAlone(breaker, { ...breaker.local, ...copyOptions(options) }, subject);
}

/**
 * Replaces what was configured for this breaker alone.
 *
 * @throws {@link ConfigurationError}, and changes nothing.
 */
export function configureAlone(breaker: Breaker, local: BreakerOptions | undefined, subject: string): void {
  const others = breaker.settings.levels.filter((level) => level !== breaker.local);
  adopt(breaker, breakerSettings([...others, local], subject));
  breaker.local = local;
}

/** Takes over new settings: a new trip rule adopts what the old one has counted, and an open time that is not over is another one. */
export function adopt(breaker: Breaker, settings: BreakerSettings): void {
  const nowMs = breaker.ageNow();
  const { closed, current, options: before, reopenings } = breaker;
  const { options } = settings;
  breaker.settings = settings;
  const isOther = (name: keyof ResolvedBreakerOptions): boolean => !sameOptions(before[name], options[name]);
  if (isOther('tripRule') || isOther('window') || isOther('failureThreshold')) {
    const content = options.tripRule === undefined ? closed.rule.snapshot?.(nowMs) : undefined;
    const rule = ruleAfter(closed.rule, options, breaker, nowMs);
    if (content !== undefined) rule.restore?.(content, nowMs, 0);
    closed.rule = rule;
  }
  // By the options, not by the time they come to: a restored circuit has an open time of its own.
  if (isOpen(current) && !current.isDue(nowMs) && (isOther('recoveryTimeout') || isOther('recoveryBackoff'))) {
    current.reschedule(openTimeOf(options, reopenings, current.spread));
  }
  breaker.wake();
}

/** Goes on as it is; attempts in flight become late. A half-open period that processes share goes on: they count its probes. */
export function beginGeneration(breaker: Breaker): void {
  const { current, closed } = breaker;
  if (current === closed) {
    breaker.closed = Object.assign(new Closed(breaker, closed.rule), { successes: closed.successes, failures: closed.failures });
    enter(breaker, breaker.closed, 'restored'); // no transition: nobody sees the reason
  } else if (current.kind === 'half_open' && !isShared(breaker)) {
    enter(breaker, new HalfOpen(breaker), 'restored');
  }
}
