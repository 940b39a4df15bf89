import { isBreakerBoxError } from '../core/errors';
import { headerOf } from '../core/headers';
import { propertyOf } from '../core/safe-inspect';

/** So many errors of a chain are looked at; also what ends a cycle. */
const MOST = 16;

/**
 * Where clients keep an error that they wrap: ECMAScript, the AI SDK's last attempt, TypeORM, Sequelize (twice), mssql and node-redis, a cluster of
 * ioredis; `errors` are those of an `AggregateError`, such as one for each address of a host.
 */
const WRAPPED = ['cause', 'lastError', 'driverError', 'parent', 'original', 'originalError', 'lastNodeError'];

/**
 * An error, the errors that it wraps, those that they wrap, and so on, the outer ones first. The outermost error often only wraps: Node's `fetch`
 * gives `TypeError: fetch failed`, and its cause knows what happened. Our own errors end a chain: that of an open circuit tells,
 * by its cause, what happened to another call.
 */
export function causesOf(error: unknown): object[] {
  const found: object[] = [];
  const add = (one: unknown): void => {
    if (typeof one === 'object' && one !== null && found.length < MOST && !found.includes(one)) found.push(one);
  };
  add(error);
  // `found` grows while it is walked.
  for (const one of found) {
    if (isBreakerBoxError(one)) continue;
    for (const key of isError(one) ? WRAPPED : ['cause']) add(propertyOf(one, key));
    if (isError(one)) for (const each of listOf(propertyOf(one, 'errors'))) add(each);
  }
  return found;
}

/** A value that is none wraps nothing, such as a row with a `parent`, or an answer of GraphQL that has `errors` beside its data. */
function isError(one: object): boolean {
  return typeof propertyOf(one, 'message') === 'string';
}

/** The errors of an `AggregateError`, or the one error that a client keeps in their place. */
function listOf(errors: unknown): unknown[] {
  const length = propertyOf(errors, 'length');
  if (typeof length !== 'number') return [errors];
  return Array.from({ length: Math.min(length, MOST) || 0 }, (_, n) => propertyOf(errors, n));
}

/** A header of the first along a chain of causes that has it. @param name - In lower case. */
export function headerAlong(chain: readonly object[], name: string): string | undefined {
  for (const one of chain) {
    const value = headerOf(one, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The codes along a chain of causes, as text; SQLSTATEs, those of Node, and those of clients. */
export function codesOf(chain: readonly object[]): string[] {
  return chain.map((error) => propertyOf(error, 'code')).filter((code) => typeof code === 'string');
}
