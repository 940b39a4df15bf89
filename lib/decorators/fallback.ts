import { fallback } from '../policies/fallback/policy';
import type { FallbackFunction, FallbackOptions } from '../policies/fallback/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Fallback = policyDecorator<(options: FallbackFunction | FallbackOptions) => PolicyDecorator>('@Fallback', (given) => [fallback(given as FallbackFunction | FallbackOptions)], false);
