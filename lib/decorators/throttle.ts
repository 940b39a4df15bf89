import { throttle } from '../policies/throttle/policy';
import type { ThrottleOptions } from '../policies/throttle/options';
import { policyDecorator } from './policy-decorator';
import type { BarePolicyDecorator } from './types';

/**
 * TODO
 */
export const Throttle = policyDecorator<BarePolicyDecorator<ThrottleOptions>>('@Throttle', (given = {}) => [throttle(given as ThrottleOptions)], true);
