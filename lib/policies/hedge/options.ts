import type { Duration } from '../../core/duration';
import { commonOptions, duration, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

export interface HedgeOptions extends CommonOptions {
  /** Time after which another attempt starts beside the first; ≥ 0. */
  delay: Duration;
}

/** The schema of {@link HedgeOptions}: ranges and defaults. */
export const hedgeSchema = options({
  ...commonOptions,
  delay: duration(),
});

export type ResolvedHedgeOptions = v.InferOutput<typeof hedgeSchema>;
