import { isBreakerBoxError } from '../core/errors';
import { propertyOf } from '../core/thrown';

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
    for (const key of WRAPPED) add(propertyOf(one, key));
    for (const each of listOf(propertyOf(one, 'errors'))) add(each);
  }
  return found;
}

/** The errors of an `AggregateError`, or the one error that a client keeps in their place. */
function listOf(errors: unknown): unknown[] {
  const length = propertyOf(errors, 'length');
  if (typeof length !== 'number') return [errors];
  return Array.from({ length: Math.min(length, MOST) || 0 }, (_, n) => propertyOf(errors, n));
}

/** The codes along a chain of causes, as text; SQLSTATEs, those of Node, and those of clients. */
export function codesOf(chain: readonly object[]): string[] {
  return chain.map((error) => propertyOf(error, 'code')).filter((code) => typeof code === 'string');
}

/** The names along a chain of causes. */
export function namesOf(chain: readonly object[]): string[] {
  return chain.map((error) => propertyOf(error, 'name')).filter((name) => typeof name === 'string');
}
