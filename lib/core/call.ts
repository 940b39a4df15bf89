import type { Cancellation } from './cancellation';

/** What a protected function can know of the call that runs it. */
export interface CurrentCall {
  /** The operation's name. */
  readonly operation: string;
  /** Which run of the function within its call this is; the first is 1. Of several retries, the innermost counts. */
  readonly attempt: number;
  /** Aborts when this attempt need not go on; undefined when nothing can end it. Pass it to `fetch` and the like. */
  readonly signal: AbortSignal | undefined;
}

/**
 * One attempt of a call, as the layers of a pipeline know it; receiver and arguments travel beside it.
 *
 * All calls that need nothing of their own share one object, their operation's: making one for each, and putting a young
 * object into the slot of {@link currentCall}, cost a fifth of a call.
 */
export class Call implements CurrentCall {
  /**
   * @param id - Numbers the call within its process, the same for all its attempts; absent while nobody watches.
   * @param cancellation - What can end the call from outside.
   */
  constructor(
    readonly operation: string,
    readonly id: number | undefined,
    readonly cancellation: Cancellation | undefined,
    readonly attempt = 1,
  ) {
    this.isPlain = id === undefined && cancellation === undefined;
  }

  /** Whether nobody watches it and nothing can end it, so that nothing of its own need be kept. */
  readonly isPlain: boolean;

  get signal(): AbortSignal | undefined {
    return this.cancellation?.signal;
  }

  /** The same call as another attempt, or under another cancellation. */
  as(attempt: number, cancellation: Cancellation | undefined): Call {
    return new Call(this.operation, this.id, cancellation, attempt);
  }
}

let lastId = 0;

export function nextCallId(): number {
  return ++lastId;
}

/** The call whose function is running. An object, which other modules can write to without a function call. */
export const ambient: { call: Call | undefined } = { call: undefined };

/**
 * The call whose function is running, read from a synchronous slot: valid until the function's first `await`.
 * Take what you need at the top.
 */
export function currentCall(): CurrentCall | undefined {
  return ambient.call;
}

/** What can end the call around us, which a call made inside it inherits. */
export function ambientCancellation(): Cancellation | undefined {
  return ambient.call?.cancellation;
}

// The receiver and the arguments are the user's; any function will do.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyFunction = (this: any, ...args: any[]) => unknown;

/** Runs a function with its call in the slot. */
export function invoke(fn: AnyFunction, call: Call, self: unknown, args: readonly unknown[]): unknown {
  const outer = ambient.call;
  ambient.call = call;
  try {
    return fn.apply(self, args as unknown[]);
  } finally {
    ambient.call = outer;
  }
}
