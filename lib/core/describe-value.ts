import { nameOf, propertyOf } from './safe-inspect';

/** Whether a value is a class: a function that cannot be called without `new`. */
export function isClass(value: unknown): boolean {
  // A method may be named so: `class() {}`.
  return typeof value === 'function' && /^class\b(?!\s*\()/.test(Function.prototype.toString.call(value));
}

/** Whether a value is read once, and then used up: a stream of the web or of Node, or what an async generator gave. */
export function isOneShot(value: unknown): boolean {
  return typeof propertyOf(value, 'getReader') === 'function' || typeof propertyOf(value, Symbol.asyncIterator) === 'function';
}

/** A value in short, the same in every run: plain data in full, functions and objects of a class by name, other objects with methods as `object`. */
export function valueText(value: unknown): string {
  if (!__DEV__) return typeof value;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `${isClass(value) ? 'class' : 'function'} ${nameOf(value)}`.trimEnd();
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const { constructor } = value;
  if (typeof constructor === 'function' && constructor !== Object) return nameOf(constructor);
  if (Object.values(value).some((part) => typeof part === 'function')) return 'object';
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([name, part]) => `${name}: ${valueText(part)}`).join(', ')} }`;
}

/**
 * Says what was given where a function must be, when that tells of a frequent mistake: as the end of a message, `''` when
 * there is nothing to add. Most often the function was called: `withBreaker(fetchUser())`.
 */
export function hintAtNoFunction(given: unknown): string {
  if (!__DEV__) return '';
  if (typeof given === 'function') return isClass(given) ? '; a class was given: protect(Class, { method: { ... } }) protects its methods' : '';
  if (typeof given !== 'object') return '';
  if (typeof propertyOf(given, 'then') === 'function') return '; a promise was given, not a function: pass the function itself, without calling it';
  if (isOneShot(given)) return '; a stream was given, not a function: pass the function itself, without calling it';
  if (typeof propertyOf(given, 'default') === 'function') return '; a module was given, not a function: pass its default export';
  return '';
}
