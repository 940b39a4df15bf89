/**
 * Set-up for `node:test`: `import 'breaker-box/node-test'` in a test file, or `node --import breaker-box/node-test --test`. Every
 * test starts with fresh breakers. The matchers of Jest and Vitest are functions here, which throw.
 */
import { afterEach, beforeEach } from 'node:test';
import { asserting, hasAttempted, hasBackedOff, hasRejected, hasTransitioned, isClosed, isHalfOpen, isIsolatedFrom, isOpen, type BackoffTolerance } from './checks';
import { startEachTestAfresh } from './fresh-start';
import type { BreakerState } from '../breaker/events';
import type { TestSubject } from './subject';

export type { BackoffTolerance } from './checks';
export type { TestSubject } from './subject';

startEachTestAfresh({ beforeEach, afterEach });

/** The circuit is open: calls are rejected. */
export const assertOpen: (subject: TestSubject) => void = asserting(isOpen);
/** The circuit is closed: calls pass. */
export const assertClosed: (subject: TestSubject) => void = asserting(isClosed);
/** The circuit is half open: the next calls probe. */
export const assertHalfOpen: (subject: TestSubject) => void = asserting(isHalfOpen);
/** The function ran so many times, runs that go on included. */
export const assertAttempted: (subject: TestSubject, times: number) => void = asserting(hasAttempted);
/** The breaker rejected so many attempts. */
export const assertRejected: (subject: TestSubject, times: number) => void = asserting(hasRejected);
/** The breaker entered these states, in this order, and no others. */
export const assertTransitioned: (subject: TestSubject, states: readonly BreakerState[]) => void = asserting(hasTransitioned);
/** The waits before its retries were these, in milliseconds, each at most `within` off. */
export const assertBackedOff: (subject: TestSubject, delays: readonly number[], tolerance?: BackoffTolerance) => void = asserting(hasBackedOff);
/** It shares no breaker with the other, which did not change its state while none of its own attempts ran. */
export const assertIsolatedFrom: (subject: TestSubject, other: TestSubject) => void = asserting(isIsolatedFrom);
