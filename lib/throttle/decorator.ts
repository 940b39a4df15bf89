import { throttle } from './policy';
import type { ThrottleOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { BarePolicyDecorator } from '../protect/decorator-types';

/**
 * Holds back a share of a method's calls while its dependency refuses many of them, and rejects those with
 * {@link ThrottledError}. Used bare or with options; see {@link ThrottleOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Throttle = policyDecorator<BarePolicyDecorator<ThrottleOptions>>(
  '@Throttle',
  (given = {}) => [throttle(given as ThrottleOptions)],
  true,
);
