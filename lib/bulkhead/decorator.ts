import { bulkhead } from './policy';
import type { BulkheadOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

/**
 * Bounds the calls of a method that run at a time, for all instances together; more wait in a queue, if there is one, or are
 * rejected with {@link BulkheadFullError}. Takes the number, or {@link BulkheadOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Bulkhead = policyDecorator<(options: number | BulkheadOptions) => PolicyDecorator>(
  '@Bulkhead',
  (given) => [bulkhead(given as number | BulkheadOptions)],
  false,
);
