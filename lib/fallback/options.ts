import { isClass, hintAtNoFunction } from '../core/safe-inspect';
import { errorMatcher, type ErrorMatcher } from '../core/outcome';
import { optional, options, when, type Checked } from '../core/check';
import { commonOptions, type CommonOptions } from '../core/options';
import type { AnswerFor } from '../core/call';

/**
 * Answers for a failed call: a function of the error and the call's arguments, with the call's `this`. Its types must fit
 * those of the function `F` that it answers for: it takes the same arguments, or fewer, and gives the same result, or a
 * promise of it; for a stream, an async iterable of the same items. Of an overloaded function, the last signature counts.
 */
// Without a function to fit, as in options that are made apart, any types will do.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type FallbackFunction<F = any> = 0 extends 1 & F
  ? // eslint-disable-next-line @typescript-eslint/no-explicit-any
    (this: any, error: unknown, ...args: any[]) => any
  : F extends (this: infer S, ...args: infer A) => infer R
    ? unknown extends S
      ? (error: unknown, ...args: A) => AnswerFor<R>
      : (this: S, error: unknown, ...args: A) => AnswerFor<R>
    : never;

/** Options of a fallback: the answer, and the errors that get it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface FallbackOptions<F = any> extends CommonOptions {
  /** Gives the answer, or a promise of it, from the error and the call's arguments, with the call's `this`. What it throws is what the call rejects with. For a stream it gives an async iterable. */
  use: FallbackFunction<F>;
  /** Which errors get the answer: an error class, a list of them, or `(error) => boolean`; any other goes to the caller. @defaultValue every error but cancellations, such as an `AbortError` */
  handle?: ErrorMatcher | undefined;
  /** Which errors go to the caller as they are; same forms as `handle`, and wins over it. @defaultValue none */
  ignore?: ErrorMatcher | undefined;
}

/** The schema of {@link FallbackOptions}: ranges and defaults. */
export const fallbackSchema = /* @__PURE__ */ options({
  ...commonOptions,
  use: when<FallbackFunction>(
    (input) => typeof input === 'function' && !isClass(input),
    __DEV__ && ((given) => `must be a function (error, ...args) => the answer${hintAtNoFunction(given)}`),
  ),
  handle: optional(errorMatcher()),
  ignore: optional(errorMatcher()),
}, __DEV__ && 'a function (error, ...args) => the answer');

export type ResolvedFallbackOptions = Checked<typeof fallbackSchema>;
