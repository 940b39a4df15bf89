import { copyOptions } from '../core/options';
import type { Breaker } from './breaker';
import { breakerSettings, checkLiveOptions, type BreakerOptions } from './options';

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
  breaker.adopt(breakerSettings([...others, local], subject));
  breaker.local = local;
}
