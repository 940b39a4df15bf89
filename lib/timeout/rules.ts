import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { remainingMs } from '../core/deadline';
import { OperationTimeoutError, withoutStack } from '../core/errors';
import type { PolicySink } from '../core/policy';
import { tell } from '../core/tell';
import type { TimeoutEvent } from './events';

/** What all runs of one timeout have in common. */
export class TimeoutRules {
  constructor(
    readonly durationMs: number,
    readonly clock: Clock,
    private readonly sink: PolicySink,
  ) {}

  /** The time of a run: the timeout's own, or what a deadline around its call leaves of it; 0 when that has passed. */
  allotMs({ limit }: Call): number {
    return Math.max(0, Math.min(this.durationMs, remainingMs(limit)));
  }

  /**
   * What a run is ended with when its time is up.
   *
   * @param ranMs - How long it ran, which a busy event loop may have made longer than it was given.
   */
  error({ operation, limit }: Call, givenMs: number, ranMs: number): OperationTimeoutError {
    // Both: a timer may fire up to a millisecond early.
    const isCutShort = givenMs < this.durationMs && ranMs < this.durationMs && limit?.operation !== operation;
    return withoutStack(() => new OperationTimeoutError(operation, givenMs, { isCutShort }));
  }

  /** Tells that the time of a run is up. */
  tell(call: Call, timeout: number): void {
    tell<TimeoutEvent>(this.sink, 'timeout', this.clock, call, { timeout });
  }
}

/** The error of a late run that has rejected: the same, because of what it rejected with. */
export function because(error: OperationTimeoutError, cause: unknown): OperationTimeoutError {
  if (cause === error) return error; // as it came from the signal
  const { operation, timeout, isCutShort } = error;
  return withoutStack(() => new OperationTimeoutError(operation, timeout, { isCutShort, cause }));
}
