import { isBreakerBoxError } from '../core/errors';
import { propertyOf } from '../core/thrown';

/** An error's causes are followed this far; also what ends a cycle. */
const DEEPEST_CAUSE = 8;

/**
 * An error, its cause, the cause of that, and so on. The outermost error often only wraps: Node's `fetch` gives
 * `TypeError: fetch failed`, and its cause knows what happened. Our own errors end the chain: that of an open circuit tells,
 * by its cause, what happened to another call.
 */
export function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  let current = error;
  while (typeof current === 'object' && current !== null && chain.length < DEEPEST_CAUSE) {
    chain.push(current);
    current = isBreakerBoxError(current) ? undefined : propertyOf(current, 'cause');
  }
  return chain;
}

/** The codes along a chain of causes, as text; SQLSTATEs, those of Node, and those of clients. */
export function codesOf(chain: readonly object[]): string[] {
  return chain.map((error) => propertyOf(error, 'code')).filter((code) => typeof code === 'string');
}

/** The names along a chain of causes. */
export function namesOf(chain: readonly object[]): string[] {
  return chain.map((error) => propertyOf(error, 'name')).filter((name) => typeof name === 'string');
}
