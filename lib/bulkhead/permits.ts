import type { Call, Hold } from '../core/call';
import { outcomeOf, type Classifier } from '../core/outcome';
import { permitBy } from '../core/pass';
import type { Permit } from '../core/policy';
import type { Slots } from './slots';

/**
 * The permit of a call in an adaptive bulkhead: its end gives the slot back, and the limit learns from it. Of a stream, the time to
 * its first item counts: how long a stream is says nothing about the load.
 */
export function measured(slots: Slots, classifier: Classifier, call: Call): Permit {
  const { clock, round, running } = slots;
  const startedAtMs = clock.now();
  let firstItemMs: number | undefined;
  const permit = permitBy((result, known) => {
    const durationMs = firstItemMs ?? clock.now() - startedAtMs;
    const outcome = known ?? outcomeOf(classifier, call.operation, result, durationMs, call.cancellation);
    // The limit may have changed since: the sample has what it was when the call was admitted.
    slots.endMeasured(call, outcome === 'ignored' ? undefined : { round, running, durationMs, isFailure: outcome === 'failure' });
  });
  const begun = (): void => {
    firstItemMs = clock.now() - startedAtMs;
  };
  return { ...permit, begun };
}

/** Whether a call, or one around it, holds one of these slots: with a second one it could wait for itself. */
export function holdsOneOf(slots: object, call: Call): boolean {
  for (let hold = call.holds; hold !== undefined; hold = hold.around) {
    if (hold.slots === slots && !hold.isOver) return true;
  }
  return false;
}

/** A permit whose call holds a slot until its end, and so do the calls inside it. */
export function holding(slots: object, permit: Permit, call: Call): Permit {
  const hold: Hold = { slots, around: call.holds, isOver: false };
  const last = <A extends unknown[], R>(end: (...args: A) => R) => (...args: A): R => {
    hold.isOver = true;
    return end(...args);
  };
  return {
    success: last(permit.success),
    failure: last(permit.failure),
    ignore: last(permit.ignore),
    leave: last(permit.leave ?? (() => void permit.success(undefined))),
    begun: permit.begun,
    call: call.as(call.attempt, call.cancellation, call.limit, call.retried, call.record, hold),
  };
}
