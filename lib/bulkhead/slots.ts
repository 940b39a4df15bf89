import { type Call, remainingMs } from '../core/call';
import { systemClock, wallTime, type Clock } from '../core/clock';
import { BulkheadFullError } from './bulkhead-full-error';
import { withoutStack } from '../core/errors';
import { type BaseEvent, type PolicyEvent, keyed, emitPolicyEvent } from '../core/observers';
import type { StateGuard } from '../core/keyed-states';
import { classifierOf, type Classifier } from '../core/outcome';
import { PASS } from '../core/pass';
import { Refusal, type LayerContext, type Permit, type PolicySink, type SlotUsage } from '../core/policy';
import { Rejection } from '../core/run';
import { startTimer, beginTurn } from '../core/timer';
import type { AdaptiveLimit, Sample } from './adaptive-limit';
import { holding, holdsOneOf, measured } from './permits';
import type { ResolvedBulkheadOptions } from './options';

/** A call found no room in the bulkhead. */
export interface BulkheadEvent extends PolicyEvent<'bulkhead'> {
  /** `full`: no slot and no room in the queue; `max_wait`: no slot came free in time, by `maxWait` or by the call's deadline. */
  readonly reason: 'full' | 'max_wait';
  readonly running: number;
  /** The others that wait. */
  readonly queued: number;
}

/** An adaptive bulkhead lets more or fewer calls run than before. */
export interface LimitEvent extends BaseEvent {
  readonly type: 'limit';
  /** Calls that might run at a time until now. */
  readonly from: number;
  /** Calls that may from now on. */
  readonly to: number;
}

export type BulkheadEvents = { bulkhead: BulkheadEvent; limit: LimitEvent };

/**
 * The slots of a bulkhead, and the calls that wait for one, first in, first out. While a call waits no slot is free, so a new
 * call never overtakes it. Of a call that is not measured, it is the permit as well: nothing is made for it.
 */
export class Slots implements StateGuard, Permit, Iterable<SlotUsage> {
  /** Calls that hold a slot. More than the limit only after an adaptive one has shrunk. */
  running = 0;
  readonly clock: Clock;
  readonly #options: ResolvedBulkheadOptions;
  readonly #sink: PolicySink;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #classifier: Classifier | undefined;
  /** Each gives a call its slot. A `Set` keeps the order of arrival, and lets one leave from the middle. */
  readonly #queue = new Set<() => void>();

  /** @param key - Whose slots they are; undefined for those of all calls. */
  constructor(
    options: ResolvedBulkheadOptions,
    { clock, sink }: Pick<LayerContext, 'clock' | 'sink'>,
    adaptive: AdaptiveLimit | undefined,
    readonly key?: string,
  ) {
    this.#adaptive = adaptive;
    this.#options = options;
    this.clock = options.clock ?? clock ?? systemClock;
    this.#sink = sink;
    this.#classifier = options.adaptive && classifierOf(options.adaptive);
  }

  get limit(): number {
    return this.#adaptive?.limit ?? this.#options.maxConcurrent;
  }

  /** Of an adaptive limit: see {@link AdaptiveLimit.round}. */
  get round(): number {
    return this.#adaptive?.round ?? 0;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** An adaptive limit is then learnt anew. */
  get isIdle(): boolean {
    return this.running === 0 && this.queued === 0;
  }

  *[Symbol.iterator](): Iterator<SlotUsage> {
    yield this;
  }

  admit(call: Call): Permit | undefined {
    if (call.cancellation?.aborted === true) return undefined;
    if (this.#isGrouped && holdsOneOf(this, call)) return PASS;
    if (this.running >= this.limit) return undefined;
    return this.#take(call);
  }

  deny(call: Call): Refusal | Promise<Permit | Refusal> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return new Refusal(cancellation.reason);
    return this.queued < this.#options.maxQueue ? this.#wait(call) : this.#refuse(call, 'full');
  }

  readonly success = (value: unknown): unknown => {
    this.#release();
    return value;
  };

  readonly failure = (error: unknown): Rejection => {
    this.#release();
    return new Rejection(error);
  };

  readonly ignore = (): void => {
    this.#release();
  };

  /** The limit learns while the call still holds its slot, which then goes to as many as there is room for. */
  endMeasured({ operation }: Call, sample: Sample | undefined): void {
    const from = this.limit;
    if (sample !== undefined) this.#adaptive?.record(sample);
    this.#release();
    const to = this.limit;
    if (to === from || !this.#sink.has('limit')) return;
    const event: LimitEvent = { type: 'limit', operation, at: wallTime(this.clock), from, to, ...keyed(this.key) };
    this.#sink.emit('limit', event);
  }

  get #isGrouped(): boolean {
    return this.#options.group !== undefined;
  }

  #take(call: Call): Permit {
    this.running++;
    const permit = this.#classifier === undefined ? this : measured(this, this.#classifier, call);
    return this.#isGrouped ? holding(this, permit, call) : permit;
  }

  #release(): void {
    this.running--;
    if (this.#queue.size === 0) return;
    for (const enter of this.#queue) {
      if (this.running >= this.limit) return;
      enter();
    }
  }

  /** It leaves no timer and no listener behind, however its wait ends. */
  #wait(call: Call): Promise<Permit | Refusal> {
    const { cancellation } = call;
    const { promise, end } = beginTurn<Permit | Refusal>(this.clock);
    const leave = (outcome: () => Permit | Refusal): void => {
      this.#queue.delete(enter);
      cancelTimer();
      unsubscribe?.();
      end(outcome());
    };
    const enter = (): void => {
      leave(() => this.#take(call));
    };
    const unsubscribe = cancellation?.subscribe(() => {
      leave(() => new Refusal(cancellation.reason));
    });
    const cancelTimer = this.#limitWait(call, () => {
      leave(() => this.#refuse(call, 'max_wait'));
    });
    this.#queue.add(enter);
    return promise;
  }

  /** Calls `tooLate` after `maxWait`, or at the call's deadline. @returns A function that takes that back. */
  #limitWait({ limit }: Call, tooLate: () => void): () => void {
    let cancel: (() => void) | undefined;
    const arm = (leftMs: number): void => {
      const waitMs = Math.max(0, Math.min(leftMs, remainingMs(limit)));
      if (waitMs === Infinity) return;
      cancel = startTimer(this.clock, waitMs, () => {
        // The deadline is further away than it was: the work that had it has settled, or the timer was early.
        if (waitMs < leftMs && remainingMs(limit) > 0) arm(leftMs - waitMs);
        else tooLate();
      });
    };
    arm(this.#options.maxWait ?? Infinity);
    return () => cancel?.();
  }

  #refuse(call: Call, reason: BulkheadEvent['reason']): Refusal {
    const { running, queued, key } = this;
    const { group, rejectionStacks } = this.#options;
    emitPolicyEvent<BulkheadEvent>(this.#sink, 'bulkhead', this.clock, call, { reason, running, queued }, key);
    return new Refusal(withoutStack(() => new BulkheadFullError(call.operation, running, queued, key, group), rejectionStacks));
  }
}
