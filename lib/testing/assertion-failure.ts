import type { Finding } from './checks';
import { reportOf } from './report';

/** What an assertion of the kit throws; runners take it for a failed assertion of their own. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionError';
  readonly code = 'ERR_ASSERTION';
  /** As those of `assert.fail`: there is a message, and nothing that was compared. */
  readonly operator = 'fail';
}

/** What is said of a finding that was to be otherwise. @param negated - Whether it was not to hold. */
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
