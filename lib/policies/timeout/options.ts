import type { Duration } from '../../core/duration';
import { commonOptions, duration, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

export interface TimeoutOptions extends CommonOptions {
  /** The time an attempt is given; > 0. */
  duration: Duration;
}

/** The schema of {@link TimeoutOptions}: ranges and defaults. */
export const timeoutSchema = options({
  ...commonOptions,
  duration: duration({ exclusive: true }),
});

export type ResolvedTimeoutOptions = v.InferOutput<typeof timeoutSchema>;
