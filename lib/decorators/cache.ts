import type { Duration } from '../core/duration';
import { cache } from '../policies/cache/policy';
import type { CacheOptions } from '../policies/cache/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Cache = policyDecorator<(options: Duration | CacheOptions) => PolicyDecorator>('@Cache', (given) => [cache(given as Duration | CacheOptions)], false);
