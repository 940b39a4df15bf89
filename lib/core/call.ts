import type { Cancellation } from './cancellation';
import type { Clock } from './clock';
import type { Outcome } from './outcome';
import { contextStorage, type ContextStorage } from './platform';
import { propertyOf } from './safe-inspect';
import { version } from './shared';

/** The call that runs a protected function, as the function sees it. */
export interface CurrentCall {
  /** The operation's name. */
  readonly operation: string;
  /** Which run of the function within its call this is; the first is 1. Of several retries, the innermost counts. */
  readonly attempt: number;
  /** Aborts when this attempt need not go on; undefined when nothing can end it. Pass it to `fetch` and the like. */
  readonly signal: AbortSignal | undefined;
  /**
   * When a timeout around this attempt ends it, in the monotonic milliseconds of that timeout's clock; undefined without one. By the
   * system's clock, what is left is `deadline - performance.now()`.
   */
  readonly deadline: number | undefined;
}

/** A call that a retry may run again, as those made inside it know it. */
export interface RetriedCall {
  /** Whether what fails inside it now would be tried again by it. */
  readonly isGoingOn: boolean;
  /** Called when the function runs again: disposes of the refused answer of the attempt before. */
  disposeLeftover(): void;
}

/** That a call holds a slot which it shares with the calls inside it. */
export interface Hold {
  readonly slots: object;
  readonly around: Hold | undefined;
  /** The slot was given back. What goes on in the background holds none. */
  isOver: boolean;
}

/**
 * One attempt of a call, as the layers of a pipeline know it; receiver and arguments travel beside it.
 *
 * All calls that need nothing of their own share one object, their operation's: making one for each, and putting a young
 * object into the slot of {@link currentCall}, cost a fifth of a call.
 */
export class Call implements CurrentCall {
  /**
   * @param record - Its number and its result, for events; absent while nobody listens to those.
   * @param cancellation - What can end the call from outside.
   * @param limit - Its deadline, the earliest of those around it. That of a stream is the one of the item that is awaited.
   * @param retried - It itself, where a retry of its pipeline may run it again and somebody asks for that.
   * @param retriedAround - The nearest of the calls around it that is.
   * @param holds - The slots that it, and the calls around it, share with the calls inside it.
   */
  constructor(
    readonly operation: string,
    readonly record?: CallRecord | undefined,
    readonly cancellation?: Cancellation | undefined,
    readonly attempt = 1,
    public limit?: Deadline | undefined,
    readonly retried?: RetriedCall | undefined,
    readonly retriedAround?: RetriedCall | undefined,
    readonly holds?: Hold | undefined,
  ) {
    this.isPlain = record === undefined && cancellation === undefined;
  }

  /** Whether nobody records it and nothing can end it, so that nothing of its own need be kept. */
  readonly isPlain: boolean;

  get signal(): AbortSignal | undefined {
    return this.cancellation?.signal;
  }

  get deadline(): number | undefined {
    const atMs = this.limit?.atMs;
    return atMs === Infinity ? undefined : atMs;
  }

  /** The same call as another attempt, or under another cancellation, or with an earlier deadline. */
  as(
    attempt: number,
    cancellation: Cancellation | undefined,
    limit = this.limit,
    retried = this.retried,
    record = this.record,
    holds = this.holds,
    retriedAround = this.retriedAround,
  ): Call {
    return new Call(this.operation, record, cancellation, attempt, limit, retried, retriedAround, holds);
  }

  /** The same call, with a record for events. */
  recordedBy(record: CallRecord): Call {
    return this.as(this.attempt, this.cancellation, this.limit, this.retried, record);
  }

  /** The same attempt, made for a reason of its own. Only events need it. */
  asSpecial(special: 'probe' | 'hedge'): Call {
    return this.record === undefined ? this : this.recordedBy({ ...this.record, special });
  }

  get kind(): AttemptKind {
    return this.record?.special ?? (this.attempt > 1 ? 'retry' : 'first');
  }

  /** Records what an attempt counted as, and the state that it left the breaker in. */
  counted(outcome: Outcome | 'late', state: CallResult['state']): void {
    if (this.record === undefined) return;
    const { result } = this.record;
    result.state = state;
    // The runs that lost to a hedge's winner are aborted when its success has counted.
    if (outcome !== 'ignored' || result.counted !== 'success') result.counted = outcome;
  }

  /** Whether the calls that are made inside this one inherit something of it. */
  get handsDown(): boolean {
    return (this.cancellation ?? this.limit ?? this.retried ?? this.retriedAround ?? this.holds) !== undefined;
  }

  /** The same call made inside another one, which hands down what can end it. */
  within(outer: Call | undefined): Call {
    if (outer?.handsDown !== true) return this;
    const { retried, retriedAround } = outer;
    // A call that a finished call left behind in the background is retried by nobody but the calls around that one.
    const around = retried?.isGoingOn === true ? retried : retriedAround;
    return this.as(1, outer.cancellation, outer.limit, this.retried, this.record, outer.holds, around);
  }
}

/** The fields of an event that identify its call. */
export function aboutCall({ operation, record, attempt }: Call): { operation: string; callId?: number; attempt: number } {
  return { operation, ...(record !== undefined && { callId: record.id }), attempt };
}

let lastId = 0;

export function nextCallId(): number {
  return ++lastId;
}

/** For a call that has events from now on. */
export function newCallRecord(): CallRecord {
  return { id: nextCallId(), result: {} };
}

/**
 * The call whose function is running: in a slot that holds until the function's first `await`, and in a storage that
 * holds across awaits, once somebody asked for that. An object, which other modules can write to without a function call.
 */
export const ambient: {
  call: Call | undefined;
  storage: ContextStorage<Call> | undefined;
} = { call: undefined, storage: undefined };

/**
 * Makes {@link currentCall}, and all that nested operations inherit of the call around them (its signal, its deadline),
 * hold across awaits, from the next call on. There is no way back.
 *
 * It uses `AsyncLocalStorage`, which makes every `await` of the process slower on Node 20 and 22; so it is off until it is
 * asked for. Where there is no `AsyncLocalStorage`, as in a browser, it changes nothing.
 */
export function enableCallContext(): void {
  if (ambient.storage !== undefined) return;
  ambient.storage = contextStorage<Call>();
  version.current++;
}

/** The call around us, as the layers know it. */
export function ambientCall(): Call | undefined {
  return ambient.call ?? ambient.storage?.getStore();
}

/**
 * The call whose function is running, read from a synchronous slot: valid until the function's first `await`, so take what
 * you need at the top. After {@link enableCallContext} it holds across awaits.
 */
export function currentCall(): CurrentCall | undefined {
  return ambientCall();
}

// The receiver and the arguments are the user's; any function will do.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyFunction = (this: any, ...args: any[]) => unknown;

export type Args = readonly unknown[];

/** Runs a function with its call around it. */
export function invoke(fn: AnyFunction, call: Call, self: unknown, args: Args): unknown {
  const outer = ambient.call;
  ambient.call = call;
  try {
    return ambient.storage === undefined ? Reflect.apply(fn, self, args as unknown[]) : ambient.storage.run(call, Reflect.apply, fn, self, args as unknown[]);
  } finally {
    ambient.call = outer;
  }
}

/** Why the function runs: for the first time in its call, again, as a probe of a half-open circuit, or beside a slow run. */
export type AttemptKind = 'first' | 'retry' | 'probe' | 'hedge';

/** The result of a call as the breaker counted it, the same for all its attempts. */
export interface CallResult {
  /** The outcome of its last attempt. Undefined when none counted, or when something else stands in for its result. */
  counted?: Outcome | 'late' | undefined;
  /** The state that its last attempt, or its rejection, left the breaker in. Undefined when it did not come to one. */
  state?: 'closed' | 'open' | 'half_open' | undefined;
}

/** Identifies a call in events, and collects their fields. */
export interface CallRecord {
  /** Numbers the call within its process, the same for all its attempts. */
  readonly id: number;
  readonly result: CallResult;
  /** Why the attempt runs, when its number does not say. The innermost policy that has a reason wins. */
  readonly special?: 'probe' | 'hedge';
}

/** When a call must have ended. It knows its clock, for the operations of one call may have different ones. */
export interface Deadline {
  /** By the clock's monotonic time; `Infinity` once the work that had the deadline has settled. */
  readonly atMs: number;
  readonly clock: Clock;
  /** The operation whose timeout it is; absent for one that never comes. */
  readonly operation?: string;
}

/** Milliseconds that are left; 0 or less when it has passed. `Infinity` without one. */
export function remainingMs(deadline: Deadline | undefined): number {
  if (deadline === undefined) return Infinity;
  // Not for `Infinity`, which needs no clock.
  const { atMs } = deadline;
  return atMs === Infinity ? Infinity : atMs - deadline.clock.now();
}

const BOUND: unique symbol = Symbol.for('breaker-box.bound-receiver') as never;

/**
 * Stands for `this` on the way through a pipeline whose function is another one for each instance, as that of a field is:
 * the instances share the pipeline, so the function travels with the call.
 */
export interface BoundReceiver {
  readonly self: unknown;
  readonly fn: AnyFunction;
}

export function boundReceiver(self: unknown, fn: AnyFunction): BoundReceiver {
  // Told by a symbol: it may be of another copy of the package.
  return Object.assign({ self, fn }, { [BOUND]: true });
}

/** The `this` that the caller gave, which is all that anybody but the pipeline may see. */
export function receiverOf(self: unknown): unknown {
  return propertyOf(self, BOUND) === true ? (self as BoundReceiver).self : self;
}

// Parts of a function's type, for callbacks that look at its calls. Of an overloaded function, the last signature counts. What nothing is known of may be declared as anything.
/* eslint-disable @typescript-eslint/no-explicit-any */

/** The arguments of `F`; any, where `F` is not known. */
export type ArgsOf<F> = 0 extends 1 & F ? any[] : F extends (...args: infer Args) => unknown ? Args : any[];

/** The result of a call of `F`; of a generator, what it returns. Any, where that is not known. */
export type ValueOf<F> = F extends (...args: never[]) => infer R ? (unknown extends Settled<R> ? any : Settled<R>) : any;

type Settled<R> = [R] extends [AsyncIterable<unknown>] ? Returned<R> : Awaited<R>;
type Returned<Stream> = Stream extends AsyncGenerator<unknown, infer R, never> ? R : unknown;

/** The types that may stand for a result: the value itself or a promise of it; of a stream, another stream of such items. */
export type AnswerFor<R> = [R] extends [AsyncIterable<infer Item>] ? AsyncIterable<Item> : Awaited<R> | PromiseLike<Awaited<R>>;
