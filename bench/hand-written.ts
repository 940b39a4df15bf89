/** A function that the hand-written breakers can protect. */
export type Protectable = (...args: never[]) => Promise<unknown>;

export type Loose = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** How long a hand-written circuit stays open, unless told otherwise. */
export const RECOVERY_MS = 60_000;

/**
 * The yardstick: the fastest circuit breaker we know how to write by hand, for any function that returns a promise.
 *
 * It counts consecutive failures, opens, and lets one probe decide. Its two reactions are made once, not once a call,
 * and a call costs one `.then`. It has none of what makes a breaker hold in production: no epochs (a late result counts),
 * no statistics, no events, no name, no options but two, no check that what it was given is a function.
 */
export function handWrittenBreaker<F extends Protectable>(fn: F, failureThreshold = 5, recoveryMs = RECOVERY_MS): F {
  let failures = 0;
  let isOpen = false;
  let openUntilMs = 0;
  let isProbing = false;

  const onSuccess = (value: unknown): unknown => {
    failures = 0;
    isOpen = isProbing = false;
    return value;
  };

  const onFailure = (error: unknown): never => {
    if (++failures >= failureThreshold) {
      isOpen = true;
      isProbing = false;
      openUntilMs = performance.now() + recoveryMs;
    }
    throw error;
  };

  return function (this: unknown, ...args: unknown[]): Promise<unknown> {
    if (isOpen) {
      if (isProbing || performance.now() < openUntilMs) return Promise.reject(new Error('The circuit is open'));
      isProbing = true;
    }
    // A synchronous throw equals a rejection. Written out, for a function of its own costs 7 % of a call; by `Reflect.apply`, since
    // `fn.apply` is a property, to be looked up at every call.
    let result: Promise<unknown>;
    try {
      result = Reflect.apply(fn as unknown as Loose, this, args);
    } catch (error) {
      result = Promise.reject(error);
    }
    return result.then(onSuccess, onFailure);
  } as unknown as F;
}
