import type { Policy } from '../core/policy';
import { toPolicies, type PolicyOptions } from './policy-options';
import { givesStream } from './protect';
import type { AsyncOnly, FittingPolicies, PoliciesOf, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from './wrapper-types';
import { subjectOf, functionOnly, wrapFunction } from './wrap-function';

/**
 * Protects an async function by several policies in one pipeline.
 *
 * @param policies - An object, whose policies stand in canonical order whatever the order of its keys, or a list in the
 *   order given, outermost first. A fallback must take the function's arguments and give its result, or a promise of it.
 * @throws {@link ConfigurationError} that names every wrong option and every unknown policy.
 */
export function withPolicies<F>(fn: F & AsyncOnly<F>, policies: PoliciesOf<NoInfer<F>>): ProtectedFunction<F>;
export function withPolicies<F extends PromiseFunction>(fn: F, policies: PoliciesOf<NoInfer<F>>): ProtectedIfAsync<F>;
export function withPolicies<F>(fn: F & AsyncOnly<F>, policies: PoliciesOf<NoInfer<F>>): ProtectedFunction<F>;
// Four, and this one last: of that many the compiler prints the last one's words alone.
export function withPolicies<F, const P extends readonly Policy[]>(
  fn: F & AsyncOnly<F>,
  policies: PolicyOptions<NoInfer<F>> | FittingPolicies<NoInfer<F>, P>,
): ProtectedFunction<F>;
export function withPolicies<F>(fn: F, policies: PoliciesOf<NoInfer<F>>): ProtectedFunction<F> {
  const original = functionOnly('withPolicies', fn);
  return wrapFunction<F>(withPolicies, 'withPolicies', fn, toPolicies(policies, subjectOf('withPolicies', original), givesStream(original)));
}
