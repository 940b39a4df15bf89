import { commonOptions, integer, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

export interface RateLimitOptions extends CommonOptions {
  /** Calls let through per interval; integer ≥ 1. */
  limit: number;
}

/** The schema of {@link RateLimitOptions}: ranges and defaults. */
export const rateLimitSchema = options({
  ...commonOptions,
  limit: integer(1),
});

export type ResolvedRateLimitOptions = v.InferOutput<typeof rateLimitSchema>;
