import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction } from '../core/describe-value';

const ALLOWED =
  'it protects methods that return a promise or an async iterable, and (standard decorators only) fields that hold such a function';

/** The error for a decorator on something it cannot protect. */
export function misuse(subject: string, what: string, received: unknown): ConfigurationError {
  return new ConfigurationError(subject, [{ path: '', message: `${what} cannot be protected; ${ALLOWED}${hintAtNoFunction(received)}`, received }]);
}
