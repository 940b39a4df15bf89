import { policyOf } from '../core/policy';
import { fallbackKind } from './policy';
import { policyDecorator } from '../protect/policy-decorator';
import type { FallbackDecorator } from '../protect/decorator-types';

/**
 * Answers for the failed calls of a method, by a function of the error and the arguments, which is called with the
 * method's `this`: `@Fallback((error, order: Order) => queueForLater(order))`, or `@Fallback({ use, handle })`; see
 * {@link FallbackOptions}. The compiler refuses one that does not take the method's arguments or give its result.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Fallback = policyDecorator<FallbackDecorator>('@Fallback', (given) => [policyOf(fallbackKind, given)], false, true);
