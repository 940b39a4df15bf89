import * as v from 'valibot';
import { commonOptions, flag, options, type CommonOptions } from '../../core/options';

export interface ChaosOptions extends CommonOptions {
  /** Whether it does anything. @defaultValue false */
  enabled?: boolean | undefined;
}

/** The schema of {@link ChaosOptions}: ranges and defaults. */
export const chaosSchema = options({
  ...commonOptions,
  enabled: v.optional(flag(), false),
});

export type ResolvedChaosOptions = v.InferOutput<typeof chaosSchema>;
