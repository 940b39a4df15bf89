import { rateLimit } from './policy';
import type { RateLimitOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

/**
 * Bounds how many calls of a method start in a time, all instances together: `@RateLimit(100)` lets 100 a second through and
 * rejects the rest with {@link RateLimitedError}; with `maxWait` they wait for their turn. See {@link RateLimitOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const RateLimit = policyDecorator<(options: number | RateLimitOptions) => PolicyDecorator>(
  '@RateLimit',
  (given) => [rateLimit(given as number | RateLimitOptions)],
  false,
);
