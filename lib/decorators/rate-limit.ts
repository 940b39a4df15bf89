import { rateLimit } from '../policies/rate-limit/policy';
import type { RateLimitOptions } from '../policies/rate-limit/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const RateLimit = policyDecorator<(options: number | RateLimitOptions) => PolicyDecorator>('@RateLimit', (given) => [rateLimit(given as number | RateLimitOptions)], false);
