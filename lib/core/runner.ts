import { ambient, apply, invoke, type AnyFunction, type Call } from './call';
import { Rejection } from './rejection';

export type Args = readonly unknown[];
export type OnSuccess = (value: unknown) => unknown;
export type OnFailure = (error: unknown) => unknown;

/**
 * A layer of a pipeline: it runs calls of what is inside it.
 *
 * `run(..., onSuccess, onFailure)` means `run(...).then(onSuccess, onFailure)`. The reactions are handed down instead,
 * so that a whole stack of layers costs the one `.then` of the innermost, which is most of the price of a call.
 * It never throws: a rejection by a policy is a rejected promise, passed to `onFailure`.
 */
export interface Runner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown>;
  /** Milliseconds until an attempt of this call could be admitted: 0 is now. Reads, and changes nothing. */
  blockedForMs(self: unknown, args: Args): number;
}

/** A layer that may run a call again when it fails. */
export interface SecondChance extends Runner {
  readonly next: Runner;
  /** Whether a call passes it as it is, and is looked at only when its first attempt has failed. */
  readonly isPlain: boolean;
  /**
   * What becomes of a call whose first attempt has failed.
   *
   * @param call - That of the first attempt.
   */
  again(error: unknown, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): unknown;
}

/** Told of each run of a function whose call somebody watches. */
export interface AttemptObserver {
  /** @returns When it began, by the monotonic clock. */
  begin(): number;
  /** @param failure - What it failed with; undefined when it worked. */
  end(call: Call, startedAtMs: number, failure?: { readonly error: unknown }): void;
}

/** The innermost layer: the function itself. A synchronous throw equals a rejection. */
export class FunctionRunner implements Runner {
  constructor(
    private readonly fn: AnyFunction,
    private readonly observer?: AttemptObserver,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    if (!call.runsUnseen) return whenSettled(this.#runSeen(call, self, args), onSuccess, onFailure);
    let result: unknown;
    // `invoke`, once more: a call and a `try` less on the hottest of all paths.
    const outer = ambient.call;
    ambient.call = call;
    try {
      const { storage } = ambient;
      result = storage === undefined ? Reflect.apply(this.fn, self, args as unknown[]) : storage.run(call, apply, this.fn, self, args);
    } catch (thrown) {
      result = rejected(thrown);
    } finally {
      ambient.call = outer;
    }
    return whenSettled(result, onSuccess, onFailure);
  }

  /** The same, where somebody is told. */
  #runSeen(call: Call, self: unknown, args: Args): unknown {
    call.retried?.disposeLeftover();
    let result: unknown;
    try {
      result = invoke(this.fn, call, self, args);
    } catch (thrown) {
      result = rejected(thrown);
    }
    return call.watch === undefined ? result : observed(result, call, this.observer);
  }

  blockedForMs(): number {
    return 0;
  }
}

/** A result whose settling the observer is told of. */
export function observed(result: unknown, call: Call, observer: AttemptObserver | undefined): Promise<unknown> {
  if (observer === undefined) return adopted(result);
  const startedAtMs = observer.begin();
  return whenSettled(
    result,
    (value) => {
      observer.end(call, startedAtMs);
      return value;
    },
    (error: unknown) => {
      observer.end(call, startedAtMs, { error });
      throw error;
    },
  );
}

/** Reacts to how a result settles. A plain promise needs no `Promise.resolve`, which costs a thirtieth of a call. */
export function whenSettled(result: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
  try {
    if (result instanceof Promise && result.constructor === Promise && result.then === Promise.prototype.then) {
      return result.then(onSuccess, onFailure);
    }
  } catch {
    // It only looks like one, as the proxy of a promise does, or it throws when it is looked at, as a revoked proxy does.
  }
  return adopted(result, onSuccess, onFailure);
}

/**
 * The same for any result, as `await` takes it: one that throws when it is looked at is a failure. Not by a `then` of its own: what somebody put on a
 * native promise could call back twice, or before it returns, and so settle the next call that uses the same reactions.
 */
function adopted(result: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
  const { then } = Promise.prototype;
  try {
    return then.call(Promise.resolve(result), onSuccess, onFailure);
  } catch (thrown) {
    // Later, as every reaction: its caller is not ready for it yet.
    return rejected(thrown).then(onSuccess, onFailure);
  }
}

/** Reacts to how a layer's answer settles; where there is nothing to react with, without another promise. */
export function reactedTo(answer: Promise<unknown>, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
  return onSuccess === undefined && onFailure === undefined ? answer : answer.then(onSuccess, onFailure);
}

/**
 * A rejection, seen by the reactions of {@link Runner.run}: at once, for a rejected call should not cost more than one that runs.
 *
 * The promise is rejected a microtask later, when its caller has had the time to attach a handler: the engine's tracking of
 * rejections that nobody handles is half of what a rejection costs.
 */
export function rejected(reason: unknown, onFailure?: OnFailure): Promise<unknown> {
  if (onFailure === undefined) return Promise.resolve(new Rejection(reason));
  try {
    const outcome = onFailure(reason);
    return outcome instanceof Rejection ? rejected(outcome.reason) : Promise.resolve(outcome);
  } catch (thrown) {
    return rejected(thrown);
  }
}
