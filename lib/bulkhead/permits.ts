import type { Call, Hold } from '../core/call';
import type { Clock } from '../core/clock';
import { CALLERS_ABORT, toBeJudged, type Judge, type Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { Sample } from './adaptive-limit';

/** The slots of an adaptive bulkhead, as their permits know them. */
export interface MeasuredSlots {
  readonly clock: Clock;
  readonly running: number;
  readonly round: number;
  /** @param sample - Undefined when the call has shown nothing. */
  endMeasured(call: Call, sample: Sample | undefined): void;
}

/**
 * A call in a slot of an adaptive bulkhead: its end gives the slot back, and tells the limit what it has shown. Of a stream,
 * the time to its first item is what counts; how long it is says nothing about the load.
 */
export class MeasuredPermit implements Permit {
  readonly #slots: MeasuredSlots;
  readonly #judge: Judge;
  readonly #call: Call;
  readonly #startedAtMs: number;
  // As it was when it was admitted. Before it ends, the limit may have changed.
  readonly #round: number;
  readonly #running: number;
  #durationMs: number | undefined;

  constructor(slots: MeasuredSlots, judge: Judge, call: Call) {
    this.#slots = slots;
    this.#judge = judge;
    this.#call = call;
    this.#startedAtMs = slots.clock.now();
    this.#round = slots.round;
    this.#running = slots.running;
  }

  readonly success = (value: unknown): unknown => {
    this.#end(this.#judge.value?.({ ok: true, value, ...this.#settled }) ?? 'success');
    return value;
  };

  readonly failure = (error: unknown): Rejection => {
    const { operation, cancellation } = this.#call;
    const judged = toBeJudged(error, operation, cancellation);
    this.#end(judged === CALLERS_ABORT ? 'ignored' : this.#judge.error({ ok: false, error: judged, ...this.#settled }));
    return new Rejection(error);
  };

  readonly ignore = (): void => {
    this.#end('ignored');
  };

  readonly leave = (): void => {
    this.#end('success');
  };

  readonly begun = (): void => {
    this.#durationMs = this.#elapsedMs();
  };

  get #settled() {
    return { duration: this.#elapsedMs(), signal: undefined, operation: this.#call.operation };
  }

  #elapsedMs(): number {
    return this.#durationMs ?? this.#slots.clock.now() - this.#startedAtMs;
  }

  #end(outcome: Outcome): void {
    const sample = { round: this.#round, running: this.#running, durationMs: this.#elapsedMs(), isFailure: outcome === 'failure' };
    this.#slots.endMeasured(this.#call, outcome === 'ignored' ? undefined : sample);
  }
}

/** Of a call that needs no slot of its own. */
export const NO_SLOT: Permit = {
  success: (value) => value,
  failure: (error) => new Rejection(error),
  ignore: () => undefined,
};

/** Whether a call, or one around it, holds one of these slots: it takes no second one, or it could wait for itself. */
export function holdsOneOf(slots: object, call: Call): boolean {
  for (let hold = call.holds; hold !== undefined; hold = hold.around) {
    if (hold.slots === slots && !hold.isOver) return true;
  }
  return false;
}

/** A permit whose call is known to hold a slot, as are the calls inside it, until its end. */
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
    call: call.holding(hold),
  };
}
