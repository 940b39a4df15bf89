import { commonOptions, fn, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

/** Gives the answer in place of the function's, from its error and its arguments. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type FallbackFunction = (error: any, ...args: any[]) => unknown;

export interface FallbackOptions extends CommonOptions {
  /** Gives the answer in place of the function's, from its error and its arguments. */
  use: FallbackFunction;
}

/** The schema of {@link FallbackOptions}: ranges and defaults. */
export const fallbackSchema = options({
  ...commonOptions,
  use: fn<FallbackFunction>(),
});

export type ResolvedFallbackOptions = v.InferOutput<typeof fallbackSchema>;
