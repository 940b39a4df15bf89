import type { Duration } from '../core/duration';
import { cache } from './policy';
import type { CacheOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

/**
 * Keeps what a method gives, for each instance and for equal arguments; equal calls in flight share one run. Takes the
 * time to keep it, `@Cache('5m')`, or options; see {@link CacheOptions}. Failures are never kept. {@link cacheOf} clears it.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem; also for a method
 *   that gives a stream.
 */
export const Cache = policyDecorator<(options: Duration | CacheOptions) => PolicyDecorator>('@Cache', (given) => [cache(given as Duration | CacheOptions)], false);
