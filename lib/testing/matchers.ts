import type { BreakerState } from '../breaker/events';
import { messageOf, hasAttempted, hasBackedOff, hasRejected, hasTransitioned, isClosed, isHalfOpen, isIsolatedFrom, isOpen, type BackoffTolerance, type Finding } from './checks';
import type { TestSubject } from './subject';

/**
 * Matchers for a protected function, its breaker, or the name of an operation. Their counts began with the test, or with
 * the run of the kit that they are called in.
 */
export interface BreakerMatchers<R = void> {
  /** The circuit is open: calls are rejected. */
  toBeOpen(): R;
  /** The circuit is closed: calls pass. */
  toBeClosed(): R;
  /** The circuit is half open: the next calls probe. */
  toBeHalfOpen(): R;
  /** The function ran so many times, runs that go on included. */
  toHaveAttempted(times: number): R;
  /** The breaker rejected so many attempts. */
  toHaveRejected(times: number): R;
  /** The breaker entered these states, in this order, and no others. */
  toHaveTransitioned(states: readonly BreakerState[]): R;
  /** The waits before its retries were these, in milliseconds, each at most `within` off. */
  toHaveBackedOff(delays: readonly number[], tolerance?: BackoffTolerance): R;
  /** It shares no breaker with the other, which did not change its state while none of its own attempts ran. */
  toBeIsolatedFrom(other: TestSubject): R;
}

type Matcher = (this: { readonly isNot?: boolean }, received: unknown, ...args: never[]) => { pass: boolean; message: () => string };

function matching(check: (received: unknown, ...args: never[]) => Finding): Matcher {
  return function (received, ...args) {
    const finding = check(received, ...args);
    const message = messageOf(finding, this.isNot === true);
    return { pass: finding.holds, message: () => message };
  };
}

/** For `expect.extend` of Jest and of Vitest. */
export const matchers: Record<keyof BreakerMatchers, Matcher> = {
  toBeOpen: matching(isOpen),
  toBeClosed: matching(isClosed),
  toBeHalfOpen: matching(isHalfOpen),
  toHaveAttempted: matching(hasAttempted),
  toHaveRejected: matching(hasRejected),
  toHaveTransitioned: matching(hasTransitioned),
  toHaveBackedOff: matching(hasBackedOff),
  toBeIsolatedFrom: matching(isIsolatedFrom),
};
