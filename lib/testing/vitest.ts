/**
 * Set-up for Vitest: `setupFiles: ['breaker-box/vitest']`, or an import in such a file. Every test starts with fresh breakers,
 * and `expect` has the matchers of {@link BreakerMatchers}.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import { startEachTestAfresh } from './fresh-start';
import { matchers, type BreakerMatchers } from './matchers';

export type { BackoffTolerance } from './checks';
export type { BreakerMatchers } from './matchers';
export type { TestSubject } from './subject';

expect.extend(matchers as never);
startEachTestAfresh({ beforeEach, afterEach });

declare module 'vitest' {
  // The names of type parameters are part of a declaration that is merged.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type
  interface Matchers<T = any> extends BreakerMatchers {}
}
