import { isBreakerBoxError } from '../core/errors';
import { propertyOf } from '../core/thrown';

/** So many errors behind one are looked at; also what ends a cycle. */
const MOST_CAUSES = 12;

/** Where errors keep those that they wrap: `lastError` is of the AI SDK, `parent` and `original` of Sequelize. */
const CAUSES = ['cause', 'lastError', 'parent', 'original'];

/**
 * An error, those that it wraps, those that they wrap, and so on; the outermost first. The outermost error often only wraps:
 * Node's `fetch` gives `TypeError: fetch failed`, and its cause knows what happened. Our own errors end the chain: that of an
 * open circuit tells, by its cause, what happened to another call.
 */
export function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  const next = [error];
  for (let current = next.shift(); chain.length < MOST_CAUSES && (isObject(current) || next.length > 0); current = next.shift()) {
    if (!isObject(current) || chain.includes(current)) continue;
    chain.push(current);
    if (!isBreakerBoxError(current)) next.push(...wrappedBy(current));
  }
  return chain;
}

/** A value that is no error, such as a row with a `parent`, wraps none, but in the standard's `cause`. */
function wrappedBy(error: object): unknown[] {
  if (typeof propertyOf(error, 'message') !== 'string') return [propertyOf(error, 'cause')];
  return [...CAUSES.map((name) => propertyOf(error, name)), ...listedBy(error)];
}

/** Those of an `AggregateError`, and of a retry that was given up: the newest of them say most. */
function listedBy(error: object): unknown[] {
  const errors = propertyOf(error, 'errors');
  try {
    return Array.isArray(errors) ? (errors.slice(-MOST_CAUSES) as unknown[]).reverse() : [];
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The codes along a chain of causes, as text; SQLSTATEs, those of Node, and those of clients. */
export function codesOf(chain: readonly object[]): string[] {
  return textsOf(chain, 'code');
}

/** The names along a chain of causes. */
export function namesOf(chain: readonly object[]): string[] {
  return textsOf(chain, 'name');
}

function textsOf(chain: readonly object[], property: string): string[] {
  return chain.map((error) => propertyOf(error, property)).filter((text) => typeof text === 'string');
}
