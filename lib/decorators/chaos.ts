import { chaos } from '../policies/chaos/policy';
import type { ChaosOptions } from '../policies/chaos/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Chaos = policyDecorator<(options: ChaosOptions) => PolicyDecorator>('@Chaos', (given) => [chaos(given as ChaosOptions)], false);
