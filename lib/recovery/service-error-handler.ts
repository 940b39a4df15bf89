import type { ErrorContext } from './error-context';

/** A service's own knowledge of its errors: it may repair what made an attempt fail. */
export interface ServiceErrorHandler {
  /**
   * Asked after each attempt that failed.
   *
   * @returns `true` when it has recovered: the next attempt starts at once. It counts towards `maxAttempts`.
   */
  handleError(error: unknown, context: ErrorContext): boolean | PromiseLike<boolean>;
  /** What could be done about the error; goes with the report as `context.recoverySuggestions`. */
  getRecoverySuggestions?(error: unknown): readonly string[] | PromiseLike<readonly string[]>;
}
