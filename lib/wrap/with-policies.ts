import type { Policy } from '../core/policy';
import type { PolicyOptions } from '../pipeline/policy-options';
import { toPolicies } from '../pipeline/policy-options';
import type { AsyncOnly, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from './types';
import { subjectOf, functionOnly, wrapFunction } from './wrap-function';

/**
 * Protects an async function by several policies in one pipeline.
 *
 * @param policies - An object, whose policies stand in canonical order whatever the order of its keys, or a list in the
 *   order given, outermost first.
 * @throws {@link ConfigurationError} that names every wrong option and every unknown policy.
 */
export function withPolicies<F>(fn: F & AsyncOnly<F>, policies: PolicyOptions | readonly Policy[]): ProtectedFunction<F>;
export function withPolicies<F extends PromiseFunction>(fn: F, policies: PolicyOptions | readonly Policy[]): ProtectedIfAsync<F>;
// Last once more, for its words are those the compiler prints.
export function withPolicies<F>(fn: F & AsyncOnly<F>, policies: PolicyOptions | readonly Policy[]): ProtectedFunction<F>;
export function withPolicies<F>(fn: F, policies: PolicyOptions | readonly Policy[]): ProtectedFunction<F> {
  const subject = subjectOf('withPolicies', functionOnly('withPolicies', fn));
  return wrapFunction<F>('withPolicies', fn, toPolicies(policies, subject));
}
