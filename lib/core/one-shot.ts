import { propertyOf } from './thrown';

/** Whether a value is read once, and then used up: a stream of the web or of Node, or what an async generator gave. */
export function isOneShot(value: unknown): boolean {
  return typeof propertyOf(value, 'getReader') === 'function' || typeof propertyOf(value, Symbol.asyncIterator) === 'function';
}
