import type { BreakerState } from '../breaker/events';
import { list, optional, options, resolve } from '../core/check';
import { type Duration, atLeast, duration, integer, oneOf } from '../core/options';
import { reportOf, attemptsOf, listOf, rejectionsOf, waitsOf } from './report';
import { breakerOf, subjectOf, type Subject } from './subject';
import { statesEntered } from './records';

/** The error of an assertion of the kit that failed; runners take it for one of their own. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionError';
  readonly code = 'ERR_ASSERTION';
  /** As those of `assert.fail`: there is a message, and nothing that was compared. */
  readonly operator = 'fail';
}

/** The message of a finding that is not as expected. @param negated - Whether it was not to hold. */
export function messageOf({ subject, expected, actual }: Finding, negated: boolean): string {
  return `expected ${subject.name} ${negated ? 'not ' : ''}${expected}, but ${actual}\n\n${reportOf(subject)}`;
}

/** A check as a function that throws. */
export function asserting<A extends unknown[]>(check: (...args: A) => Finding): (...args: A) => void {
  return function assertion(...args) {
    const finding = check(...args);
    if (finding.holds) return;
    const failure = new AssertionFailure(messageOf(finding, false));
    // The line of the test comes first.
    Error.captureStackTrace?.(failure, assertion);
    throw failure;
  };
}

/** The result of a check. */
export interface Finding {
  readonly holds: boolean;
  readonly subject: Subject;
  /** The expectation: `to be open`. */
  readonly expected: string;
  /** The actual state: `it is closed`. */
  readonly actual: string;
}

/** How exactly waits must be as they were to be. */
export interface BackoffTolerance {
  /** How far off a wait may be, either way: a duration ≥ 0. @defaultValue 0 */
  within?: Duration | undefined;
}

// In the words of both the matchers and the assertions: each takes the subject, and what it should be.

export const isOpen = (given: unknown): Finding => isIn('open', given);
export const isClosed = (given: unknown): Finding => isIn('closed', given);
export const isHalfOpen = (given: unknown): Finding => isIn('half_open', given);

function isIn(state: BreakerState, given: unknown): Finding {
  const role = `to be ${words(state)}`;
  const subject = subjectOf(given, role);
  const breaker = breakerOf(subject, role);
  return { holds: breaker.state === state, subject, expected: role, actual: `it is ${words(breaker.state)}` };
}

export function hasAttempted(given: unknown, times: number): Finding {
  const role = 'to have attempted';
  const subject = subjectOf(given, role);
  const expected = resolve(integer(0), times, role);
  const actual = attemptsOf(subject);
  return { holds: actual === expected, subject, expected: `${role} ${counted(expected, 'run')}`, actual: `it attempted ${counted(actual, 'run')}` };
}

export function hasRejected(given: unknown, times: number): Finding {
  const role = 'to have rejected';
  const subject = subjectOf(given, role);
  const expected = resolve(integer(0), times, role);
  const actual = rejectionsOf(subject);
  return { holds: actual === expected, subject, expected: `${role} ${counted(expected, 'attempt')}`, actual: `it rejected ${counted(actual, 'attempt')}` };
}

const states = list(oneOf('open', 'half_open', 'closed'), 'must be a list of states');

export function hasTransitioned(given: unknown, to: readonly BreakerState[]): Finding {
  const role = 'to have transitioned';
  const subject = subjectOf(given, role);
  const expected = resolve(states, to, role);
  const breaker = breakerOf(subject, role);
  const actual = statesEntered(breaker);
  // The open time may have passed, which the machine enters with the next call only.
  const isDue = breaker.state === 'half_open' && actual.at(-1) !== 'half_open';
  return {
    holds: actual.join() === expected.join(),
    subject,
    expected: `${role} to ${listOf(expected)}`,
    actual: `it transitioned to ${listOf(actual)}${isDue ? '; its open time has passed, and its next call enters half_open' : ''}`,
  };
}

const waits = list(atLeast(0), 'must be a list of milliseconds');
const toleranceSchema = options({ within: optional(duration(), 0) });

export function hasBackedOff(given: unknown, delays: readonly number[], tolerance: BackoffTolerance = {}): Finding {
  const role = 'to have backed off';
  const subject = subjectOf(given, role);
  const expected = resolve(waits, delays, role);
  const { within } = resolve(toleranceSchema, tolerance, role);
  const actual = waitsOf(subject);
  const isNear = (delayMs: number, index: number): boolean => Math.abs(delayMs - (actual[index] ?? NaN)) <= within;
  return {
    holds: actual.length === expected.length && expected.every(isNear),
    subject,
    expected: `${role} ${listOf(expected)} ms${within === 0 ? '' : ` (each ± ${within} ms)`}`,
    actual: `it backed off ${listOf(actual)}${actual.length === 0 ? '' : ' ms'}`,
  };
}

/** They share no breaker, and the other has not changed its state while none of its own attempts ran. */
export function isIsolatedFrom(given: unknown, from: unknown): Finding {
  const role = 'to be isolated from';
  const subject = subjectOf(given, role);
  const other = subjectOf(from, role);
  const shared = subject.breakers.some((breaker) => other.breakers.includes(breaker)) || isSameOperation(subject, other);
  const moved = attemptsOf(other) === 0 ? other.breakers.flatMap((breaker) => statesEntered(breaker)) : [];
  const found = shared
    ? 'both are the same operation, with one breaker'
    : moved.length > 0
      ? `${other.name} went to ${listOf(moved)} though none of its own attempts ran`
      : 'they share no breaker, and neither moved the other';
  return { holds: !shared && moved.length === 0, subject, expected: `${role} ${other.name}`, actual: found };
}

function isSameOperation(one: Subject, other: Subject): boolean {
  return one.home !== undefined && one.home.operation === other.home?.operation;
}

function words(state: BreakerState): string {
  return state.replace('_', ' ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
