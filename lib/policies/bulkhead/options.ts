import { commonOptions, integer, options, type CommonOptions } from '../../core/options';
import type * as v from 'valibot';

export interface BulkheadOptions extends CommonOptions {
  /** Calls that may run at a time; integer ≥ 1. */
  maxConcurrent: number;
}

/** The schema of {@link BulkheadOptions}: ranges and defaults. */
export const bulkheadSchema = options({
  ...commonOptions,
  maxConcurrent: integer(1),
});

export type ResolvedBulkheadOptions = v.InferOutput<typeof bulkheadSchema>;
