import type { Call } from '../core/call';
import { wallTime, type Clock } from '../core/clock';
import { BulkheadFullError, withoutStack } from '../core/errors';
import { judge } from '../core/outcome';
import type { StateSource } from '../core/partitions';
import type { PolicySink } from '../core/policy';
import { passedOn } from '../core/rejection';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import { keyed, tell } from '../core/tell';
import type { Admitted } from './adaptive-limit';
import type { BulkheadEvent, LimitEvent } from './events';
import { MeasuredCall, type Meter } from './measured-call';
import type { ResolvedBulkheadOptions } from './options';
import { QueuedCall } from './queued-call';
import type { Slots } from './slots';

/** Runs calls while there is a slot for them. A call that finds one costs little more than counting it. */
export class BulkheadRunner implements Runner {
  readonly #maxQueue: number;
  readonly #maxWaitMs: number;
  readonly #meter: Meter | undefined;

  constructor(
    { maxQueue, maxWait, adaptive }: ResolvedBulkheadOptions,
    private readonly next: Runner,
    private readonly source: StateSource<Slots>,
    private readonly clock: Clock,
    private readonly sink: PolicySink,
    private readonly isStream: boolean,
  ) {
    this.#maxQueue = maxQueue;
    this.#maxWaitMs = maxWait ?? Infinity;
    this.#meter = adaptive && { clock, judge: judge(adaptive), changed: this.#tellLimit };
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return rejected(cancellation.reason, onFailure);
    let slots: Slots;
    try {
      slots = this.source.stateFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    if (slots.tryTake()) return this.#runIn(slots, slots, call, self, args, onSuccess, onFailure);
    if (slots.queued >= this.#maxQueue) return rejected(this.#full(slots, call, 'full'), onFailure);
    return this.#runAfterWait(slots, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  #runAfterWait(slots: Slots, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const tooLate = (): unknown => this.#full(slots, call, 'max_wait');
    const queued = new QueuedCall(slots, { call, clock: this.clock, maxWaitMs: this.#maxWaitMs, tooLate });
    return queued.turn.then(() => {
      if (call.cancellation?.aborted !== true) return this.#runIn(slots, queued, call, self, args, onSuccess, onFailure);
      // Cancelled after it was admitted, and before it got here.
      slots.release();
      return rejected(call.cancellation.reason, onFailure);
    }, onFailure);
  }

  /** Runs a call that has a slot, and gives the slot back. */
  #runIn(
    slots: Slots,
    admitted: Admitted,
    call: Call,
    self: unknown,
    args: Args,
    onSuccess?: OnSuccess,
    onFailure?: OnFailure,
  ): Promise<unknown> {
    if (this.#meter !== undefined) {
      return this.#runMeasured(new MeasuredCall(this.#meter, slots, call, admitted), call, self, args, onSuccess, onFailure);
    }
    const failed = onFailure === undefined ? slots.releaseOnFailure : releasing(slots, onFailure);
    if (this.isStream) return this.next.run(call, self, args, releasingWhenOver(slots, onSuccess), failed);
    return this.next.run(call, self, args, onSuccess === undefined ? slots.releaseOnSuccess : releasing(slots, onSuccess), failed);
  }

  #runMeasured(
    measured: MeasuredCall,
    call: Call,
    self: unknown,
    args: Args,
    onSuccess: OnSuccess | undefined,
    onFailure: OnFailure | undefined,
  ): Promise<unknown> {
    return this.next.run(
      call,
      self,
      args,
      (value) => {
        measured.succeeded(value);
        return onSuccess === undefined ? value : onSuccess(value);
      },
      (error) => {
        measured.failed(error);
        return passedOn(error, onFailure);
      },
    );
  }

  #full(slots: Slots, call: Call, reason: BulkheadEvent['reason']): BulkheadFullError {
    const { running, queued, key } = slots;
    tell<BulkheadEvent>(this.sink, 'bulkhead', this.clock, call, { reason, running, queued }, key);
    return withoutStack(() => new BulkheadFullError(call.operation, running, queued, key));
  }

  readonly #tellLimit = ({ limit, key }: Slots, from: number, { operation }: Call): void => {
    if (!this.sink.has('limit')) return;
    const event: LimitEvent = { type: 'limit', operation, at: wallTime(this.clock), from, to: limit, ...keyed(key) };
    this.sink.emit('limit', event);
  };
}

/** A reaction, after which the slot is free. */
function releasing(slots: Slots, react: (outcome: unknown) => unknown): (outcome: unknown) => unknown {
  return (outcome) => {
    slots.release();
    return react(outcome);
  };
}

/** A stream holds its slot until it is over. */
function releasingWhenOver(slots: Slots, onSuccess: OnSuccess | undefined): OnSuccess {
  return (stream) => {
    const release = (): void => {
      slots.release();
    };
    if (OpenStream.is(stream)) stream.whenOver(release);
    else release();
    return onSuccess === undefined ? stream : onSuccess(stream);
  };
}
