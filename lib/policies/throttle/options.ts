import * as v from 'valibot';
import { commonOptions, atLeast, options, type CommonOptions } from '../../core/options';

export interface ThrottleOptions extends CommonOptions {
  /** Calls let through per call that the dependency accepts; ≥ 1. @defaultValue 2 */
  k?: number | undefined;
}

/** The schema of {@link ThrottleOptions}: ranges and defaults. */
export const throttleSchema = options({
  ...commonOptions,
  k: v.optional(atLeast(1), 2),
});

export type ResolvedThrottleOptions = v.InferOutput<typeof throttleSchema>;
