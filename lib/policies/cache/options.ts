import type { Duration } from '../../core/duration';
import { commonOptions, duration, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

export interface CacheOptions extends CommonOptions {
  /** How long a result is kept; > 0. */
  ttl: Duration;
}

/** The schema of {@link CacheOptions}: ranges and defaults. */
export const cacheSchema = options({
  ...commonOptions,
  ttl: duration({ exclusive: true }),
});

export type ResolvedCacheOptions = v.InferOutput<typeof cacheSchema>;
