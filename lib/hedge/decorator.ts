import type { Duration } from '../core/duration';
import { hedge } from './policy';
import type { HedgeOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

/**
 * Starts another run of a method that takes longer than a delay; the first to work wins, and the others are aborted.
 * Takes the delay, `@Hedge('100ms')`, or options; see {@link HedgeOptions}. Only for what may be done twice.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem; also for a method
 *   that gives a stream.
 */
export const Hedge = policyDecorator<(options: Duration | HedgeOptions) => PolicyDecorator>('@Hedge', (given) => [hedge(given as Duration | HedgeOptions)], false);
