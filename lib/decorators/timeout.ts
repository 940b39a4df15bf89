import type { Duration } from '../core/duration';
import { timeout } from '../policies/timeout/policy';
import type { TimeoutOptions } from '../policies/timeout/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Timeout = policyDecorator<(options: Duration | TimeoutOptions) => PolicyDecorator>('@Timeout', (given) => [timeout(given as Duration | TimeoutOptions)], false);
