import { invoke, type AnyFunction, type Args, type Call } from './call';
import { isThenable, nothing } from './call-safely';
import { invalid } from './errors';
import { Refusal, type Driver, type Guard, type Permit, type Recover, type Run } from './policy';
import { propertyOf } from './safe-inspect';

/** How the pipeline of one kind of function is put together: functions that return promises, streams, synchronous functions. */
export interface Mode<R = Run> {
  /** The innermost layer, which calls the function. */
  call(fn: AnyFunction): R;
  guard(guard: Guard, next: R): R;
  drive(driver: Driver, next: R, inside: readonly Guard[]): R;
  /** The result of a call that cannot begin. */
  refuse(error: unknown): unknown;
  readonly isSync?: true;
}

/** Puts policies, outermost first, around the innermost layer. Guards and drivers stand in any order. */
export function compose<R>(mode: Mode<R>, policies: readonly (Guard | Driver)[], innermost: R): R {
  const inside: Guard[] = [];
  return policies.reduceRight((next, policy) => {
    if (typeof policy === 'function') return mode.drive(policy, next, [...inside]);
    inside.unshift(policy.checked ?? policy);
    return mode.guard(policy, next);
  }, innermost);
}

/** Calls the function. A synchronous throw equals a rejection. */
class FunctionRun implements Run {
  constructor(private readonly fn: AnyFunction) {}

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    call.retried?.disposeLeftover();
    try {
      return promiseOf(invoke(this.fn, call, self, args), call);
    } catch (thrown) {
      return rejected(thrown);
    }
  }
}

/** The promise of a result, as `await` takes it: one that throws when it is looked at is a failure. */
function promiseOf(result: unknown, call: Call): Promise<unknown> {
  const promise = Promise.resolve(result);
  if (promise !== result) checkResult(result, call.operation);
  const { then } = Promise.prototype;
  try {
    if (promise.then === then) return promise;
  } catch {
    // Somebody put a `then` on it that throws when it is looked at.
  }
  // Another `then` could call back twice, or before it returns, and so settle a permit twice.
  return then.call(promise, undefined, undefined);
}

/** Asks a guard, runs what is inside, and ends the permit. */
class GuardedRun implements Run {
  constructor(
    readonly guard: Guard,
    readonly next: Run,
  ) {}

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    let permit: Permit | undefined;
    try {
      permit = this.guard.admit(call, self, args);
      return permit === undefined ? denied(this, call, self, args) : this.next.run(permit.call ?? call, self, args).then(permit.success, permit.failure);
    } catch (thrown) {
      return rejected(thrown, permit?.failure);
    }
  }
}

/** Refuses an attempt that the guard did not admit at once, or waits for its turn. A throw of the guard is the caller's to catch. */
function denied({ guard, next }: GuardedRun, call: Call, self: unknown, args: Args, recover?: Recover): Promise<unknown> {
  const answer = guard.deny(call, self, args);
  if (answer instanceof Refusal) return rejected(answer.error, recover);
  const run = answer.then((permit) => {
    if (permit instanceof Refusal) return rejected(permit.error);
    const { cancellation } = call;
    if (cancellation?.aborted !== true) return new GuardedRun({ admit: () => permit } as Partial<Guard> as Guard, next).run(call, self, args);
    // The caller left between its turn and this reaction.
    permit.ignore();
    return rejected(cancellation.reason);
  });
  return recover === undefined ? run : run.then(undefined, recover);
}

/**
 * Runs a call, and `recover` when it fails: the same as `next.run(…).then(undefined, recover)`. Where a guard is next, without the promise in between,
 * which would cost a sixth of a retry around a breaker.
 */
export function runOr(next: Run, call: Call, self: unknown, args: Args, recover: Recover): Promise<unknown> {
  const { guard, next: inside } = next as Partial<GuardedRun>;
  if (guard === undefined || inside === undefined) return next.run(call, self, args).then(undefined, recover);
  let permit: Permit | undefined;
  try {
    permit = guard.admit(call, self, args);
    if (permit === undefined) return denied(next as GuardedRun, call, self, args, recover);
    return inside.run(permit.call ?? call, self, args).then(permit.success, failing(permit, recover));
  } catch (thrown) {
    return rejected(thrown, permit === undefined ? recover : failing(permit, recover));
  }
}

function failing({ failure }: Permit, recover: Recover): Recover {
  return (error) => {
    const outcome = failure(error);
    return outcome instanceof Rejection ? recover(outcome.reason) : outcome;
  };
}

/** Functions that return promises. */
export const promises: Mode = {
  call: (fn) => new FunctionRun(fn),
  guard: (guard, next) => new GuardedRun(guard, next),
  drive: (driver, next, inside) => driver(next, inside),
  refuse: rejected,
};

const REJECTION: unique symbol = Symbol.for('breaker-box.rejection') as never;

/**
 * Rejects the promise that is resolved with it, a microtask later. A reaction that returns one costs half of one that throws: the engine makes a
 * message for whatever is thrown, though nobody may ever read it.
 */
export class Rejection {
  readonly [REJECTION] = REJECTION;

  constructor(readonly reason: unknown) {}

  /** A permit may be of another copy of the package, whose class is not ours; and a user's value may throw when it is looked at. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && propertyOf(value, REJECTION) === REJECTION;
  }

  then(_onFulfilled: unknown, onRejected: (reason: unknown) => void): void {
    onRejected(this.reason);
  }
}

/**
 * A rejected promise; with `recover`, what that gives in place of the failure. At once, for a rejected call should not cost more than one that runs.
 *
 * The promise is rejected a microtask later, when its caller has had the time to attach a handler: the engine's tracking of
 * rejections that nobody handles is half of what a rejection costs.
 */
export function rejected(reason: unknown, recover?: (error: unknown) => unknown): Promise<unknown> {
  if (recover === undefined) return Promise.resolve(new Rejection(reason));
  try {
    const outcome = recover(reason);
    return outcome instanceof Rejection ? rejected(outcome.reason) : Promise.resolve(outcome);
  } catch (thrown) {
    return rejected(thrown);
  }
}

/**
 * Refuses an Observable, which runs when it is subscribed to: nobody would see how it ends, and all calls would count as successes.
 *
 * @throws {@link ConfigurationError}
 */
function checkResult(result: unknown, operation: string): void {
  if (typeof propertyOf(result, 'subscribe') !== 'function' || isThenable(result)) return;
  throw invalid(operation, 'fn', result, __DEV__ && 'must return a promise, for an Observable runs only when it is subscribed to: return firstValueFrom(observable), or give a stream', operation);
}

/** The same for a synchronous function, whose promise is refused as well. */
export function checkSyncResult(result: unknown, operation: string): void {
  const { then } = Promise.prototype;
  if (propertyOf(result, 'then') !== then) return checkResult(result, operation);
  try {
    void then.call(result as Promise<unknown>, undefined, nothing);
  } catch {
    return; // It only looks like a promise.
  }
  throw invalid(operation, 'fn', result, __DEV__ && 'must be synchronous, for nobody sees how its promise ends: use withBreaker in place of withBreakerSync, execute in place of executeSync', operation);
}
