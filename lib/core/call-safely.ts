import { propertyOf } from './safe-inspect';
import { reportThrow, warnOnce } from './warn';

/**
 * Calls a user's callback for its effect alone: neither a throw nor a rejection of it reaches the caller; each is reported once for the callback.
 *
 * @returns Fulfilled when the callback has settled; undefined when it was over at once.
 */
export function callSafely<A extends unknown[]>(role: string, fn: (...args: A) => unknown, ...args: A): Promise<void> | undefined {
  const report = (thrown: unknown): void => {
    reportThrow(fn, role, thrown);
  };
  try {
    const result = fn(...args);
    if (isThenable(result)) return Promise.resolve(result).then(nothing, report);
  } catch (thrown) {
    report(thrown);
  }
  return undefined;
}

/**
 * Takes the rejection of what a callback returned that had to answer at once: it is no answer, and the rejection of it
 * would be nobody's.
 */
export function ignoreRejection(answer: unknown): void {
  if (isThenable(answer)) Promise.resolve(answer).catch(nothing);
}

/**
 * Whether a callback that must answer at once gave a promise, which is no answer. It is told so, once.
 *
 * @param role - As the warning names it: `The predicate 'handle'`.
 * @param instead - What counts in place of an answer.
 */
export function gavePromise(fn: object, role: string, answer: unknown, instead: string | false): boolean {
  if (!isThenable(answer)) return false;
  ignoreRejection(answer);
  warnOnce(fn, 'BREAKER_BOX_CALLBACK', `${role} returned a promise${__DEV__ ? `; it must answer at once. Until it does, ${instead}` : ''}`);
  return true;
}

/** For what nobody waits for. */
export function nothing(): void {
  // There is nothing to do.
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && typeof propertyOf(value, 'then') === 'function';
}
