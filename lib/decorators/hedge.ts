import type { Duration } from '../core/duration';
import { hedge } from '../policies/hedge/policy';
import type { HedgeOptions } from '../policies/hedge/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Hedge = policyDecorator<(options: Duration | HedgeOptions) => PolicyDecorator>('@Hedge', (given) => [hedge(given as Duration | HedgeOptions)], false);
