import { isClass } from './is-class';
import { isOneShot } from './one-shot';
import { propertyOf } from './thrown';

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
