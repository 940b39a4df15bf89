/**
 * Set-up for Jest: `setupFilesAfterEnv: ['breaker-box/jest']`, or an import in such a file. Every test starts with fresh
 * breakers, and `expect` has the matchers of {@link BreakerMatchers}.
 */
// With `injectGlobals: false`, too; Jest answers this import itself. It gives each module a `jest`, which must not be declared again.
import * as runner from '@jest/globals';
import { ConfigurationError } from '../core/errors';
import { startEachTestAfresh } from './fresh-start';
import { matchers, type BreakerMatchers } from './matchers';

export type { BackoffTolerance } from './checks';
export type { BreakerMatchers } from './matchers';
export type { TestSubject } from './subject';

// Where tests are not known yet, some of them are not there.
const { expect, beforeEach, afterEach }: Partial<typeof runner> = runner;
if (expect === undefined || beforeEach === undefined || afterEach === undefined) {
  const message = 'must be imported where tests are known: in a file of setupFilesAfterEnv, not of setupFiles, or in a test file';
  throw new ConfigurationError('breaker-box/jest', [{ path: '', message, received: undefined }]);
}
expect.extend(matchers as never);
startEachTestAfresh({ beforeEach, afterEach });

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // The names of type parameters are part of a declaration that is merged.
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type
    interface Matchers<R, T = {}> extends BreakerMatchers<R> {}
  }
}

// An error that is expected there would be one here, where the module is.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore: it is not there for who has the types of `@types/jest` alone */
declare module 'expect' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type
  interface Matchers<R extends void | Promise<void>, T = unknown> extends BreakerMatchers<R> {}
}
