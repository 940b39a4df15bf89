import { deepStrictEqual } from 'node:assert/strict';
import type { Breaker, CircuitOpenError } from '../../lib';
import type { ModelSubject } from './model-subject';
import type { ReferenceBreaker } from './reference-breaker';
import type { ReferenceEvent } from './reference-types';

/** Whatever a caller can read is the same. */
export function compareReadings(breaker: Breaker, reference: ReferenceBreaker): void {
  deepStrictEqual(readingsOf(breaker), readingsOf(reference));
}

export function readingsOf({ state, failureCount, retryAfter, override, stats }: Breaker | ReferenceBreaker) {
  return { state, failureCount, retryAfter, override, stats: { ...stats, lastError: messageOf(stats.lastError) } };
}

/** The error of a rejected call tells what the reference knows of the rejection. */
export function compareRejection(error: CircuitOpenError, reference: ReferenceBreaker): void {
  const { state, retryAfter } = reference.events.at(-1)!;
  const { openedAt, lastError } = reference.stats;
  deepStrictEqual(
    { state: error.state, retryAfter: error.retryAfter, openedAt: error.openedAt, cause: messageOf(error.cause) },
    { state, retryAfter, openedAt, cause: messageOf(lastError) },
  );
}

const MACHINE_EVENTS = ['transition', 'reject', 'override', 'probe'];
const ATTEMPT_EVENTS = ['success', 'failure', 'ignored', 'late'];

/**
 * The events since the last comparison are the same. Whether an outcome's event or that of the transition it causes
 * comes first is not settled: each group has its own order.
 */
export function compareEvents(subject: ModelSubject, reference: ReferenceBreaker): void {
  const expected = reference.events.splice(0);
  const actual = subject.events.splice(0);
  for (const group of [MACHINE_EVENTS, ATTEMPT_EVENTS]) {
    const heard = group.filter((type) => subject.heard.includes(type));
    const of = (events: ReferenceEvent[]) => events.filter(({ type }) => heard.includes(type));
    deepStrictEqual(of(actual), of(expected));
  }
}

/** An error comes out of a snapshot as another object that says the same. */
function messageOf(error: unknown): string | undefined {
  return (error as Error | undefined)?.message;
}
