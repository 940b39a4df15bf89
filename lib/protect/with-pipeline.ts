import type { AnyFunction } from '../core/call';
import { ConfigurationError, invalid } from '../core/errors';
import type { Policy } from '../core/policy';
import { policyProblems } from './policy';
import { givesStream } from './protect';
import { functionOnly, subjectOf, wrapFunction } from './wrap-function';
import type { AsyncOnly, FittingPolicies, PolicyListOf, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from './wrapper-types';

/**
 * Protects an async function by a list of policies in one pipeline. A bundle holds the policies that the list names, and no other.
 *
 * @param policies - Made by `retry`, `circuitBreaker`, `timeout` and the like, in the order given, outermost first. A fallback must take
 *   the function's arguments and give its result, or a promise of it.
 * @throws {@link ConfigurationError} that names every wrong option, and for an empty list.
 */
export function withPipeline<F>(fn: F & AsyncOnly<F>, policies: PolicyListOf<NoInfer<F>>): ProtectedFunction<F>;
export function withPipeline<F extends PromiseFunction>(fn: F, policies: PolicyListOf<NoInfer<F>>): ProtectedIfAsync<F>;
export function withPipeline<F>(fn: F & AsyncOnly<F>, policies: PolicyListOf<NoInfer<F>>): ProtectedFunction<F>;
// Four, and this one last: of that many the compiler prints the last one's words alone.
export function withPipeline<F, const P extends readonly Policy[]>(fn: F & AsyncOnly<F>, policies: FittingPolicies<NoInfer<F>, P>): ProtectedFunction<F>;
export function withPipeline<F>(fn: F, policies: PolicyListOf<NoInfer<F>>): ProtectedFunction<F> {
  return wrapWith<F>(withPipeline, 'withPipeline', fn, policies, policyList);
}

/** Makes a list of policies, outermost first, of a user's input. */
export type ToPolicies = (given: unknown, subject: string, isStream?: boolean) => Policy[];

/** @param called - The function of ours that the program called. */
export function wrapWith<F>(called: AnyFunction, wrapperName: string, fn: F, given: unknown, toPolicies: ToPolicies): ProtectedFunction<F> {
  const original = functionOnly(wrapperName, fn);
  return wrapFunction<F>(called, wrapperName, fn, toPolicies(given, subjectOf(wrapperName, original), givesStream(original)));
}

/**
 * The policies of a list.
 *
 * @param isStream - Whether what they protect is known to give a stream.
 * @throws {@link ConfigurationError} for what is no policy, and for an empty list.
 */
export function policyList(given: unknown, subject: string, isStream = false): Policy[] {
  if (!Array.isArray(given)) throw invalid(subject, '', given, __DEV__ && 'must be a list of policies, such as [retry(), timeout("2s")]; withPolicies takes an object');
  if (given.length === 0) throw noPolicies(subject, given);
  const policies = given.filter(isPolicy).map((policy) => ({ ...policy, path: policy.kind.policy }));
  if (policies.length === given.length) return policies;
  const issues = given.flatMap((one: unknown, index) =>
    isPolicy(one) ? [] : [{ path: String(index), message: __DEV__ ? 'must be a policy, such as retry({ ... })' : 'invalid', received: one }],
  );
  // One error names all problems: those of the policies too.
  throw new ConfigurationError(subject, [...issues, ...policyProblems(policies, subject, isStream)]);
}

/** The error for an input that names no policy. */
export function noPolicies(subject: string, received: unknown): ConfigurationError {
  const names = 'fallback, cache, retry, breaker, throttle, rateLimit, bulkhead, timeout, hedge, chaos';
  return invalid(subject, '', received, __DEV__ && `at least one policy must be given: ${names}`);
}

function isPolicy(value: unknown): value is Policy {
  return typeof (value as Partial<Policy> | null)?.kind?.resolve === 'function';
}
