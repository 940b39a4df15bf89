import { ConfigurationError } from '../core/errors';
import { type Duration, commonOptions, resolve, type CommonOptions } from '../core/options';
import { anything, isRecord, optional, options, problems } from '../core/check';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { bulkheadKind } from '../bulkhead/policy';
import type { BulkheadOptions } from '../bulkhead/options';
import { cacheKind } from '../cache/policy';
import type { CacheOptions } from '../cache/options';
import { chaosKind } from '../chaos/policy';
import type { ChaosOptions } from '../chaos/options';
import { breakerKind } from '../breaker/policy';
import type { BreakerOptions } from '../breaker/options';
import { fallbackKind } from '../fallback/policy';
import type { FallbackFunction, FallbackOptions } from '../fallback/options';
import { hedgeKind } from '../hedge/policy';
import { hedgeSchemaWith, type HedgeOptions } from '../hedge/options';
import { rateLimitKind } from '../rate-limit/policy';
import type { RateLimitOptions } from '../rate-limit/options';
import { retryKind, suppressing } from '../retry/policy';
import { retrySchemaWith, type RetryOptions } from '../retry/options';
import { plainBudget, type WithPlainBudget } from '../retry/shared-budget';
import { throttleKind } from '../throttle/policy';
import type { ThrottleOptions } from '../throttle/options';
import { timeoutKind } from '../timeout/policy';
import type { TimeoutOptions } from '../timeout/options';
import { lossOf, replacedBy } from './preset-marks';
import type { ResilientDecorator } from './decorator-types';
import { policyDecorator } from './policy-decorator';
import { policyProblems, withoutBlamed } from './policy';
import { noPolicies, policyList, wrapWith } from './with-pipeline';
import type { AsyncOnly, FittingPolicies, PoliciesOf, PromiseFunction, ProtectedFunction, ProtectedIfAsync } from './wrapper-types';

/**
 * The policies of an operation by name; what it says itself holds for all of them.
 *
 * @typeParam F - The function that they protect, where that is known: the fallback, and what looks at arguments or values, must fit it.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface PolicyOptions<F = any> extends CommonOptions {
  /** Answers for a call that failed. */
  fallback?: FallbackFunction<F> | FallbackOptions<F> | undefined;
  /** Keeps results; calls with the same arguments share one in flight. */
  cache?: Duration | CacheOptions<F> | undefined;
  /** Tries again; outside the breaker, so that each attempt counts. */
  retry?: WithPlainBudget<RetryOptions<F>> | undefined;
  /** Stops calling a dependency that fails, until it may have recovered. */
  breaker?: BreakerOptions<F> | undefined;
  /** Sends fewer calls to a dependency that refuses many. */
  throttle?: ThrottleOptions<F> | undefined;
  /** Bounds the calls in a time. */
  rateLimit?: number | RateLimitOptions<F> | undefined;
  /** Bounds the calls at a time. */
  bulkhead?: number | BulkheadOptions<F> | undefined;
  /** Bounds the time of each attempt. */
  timeout?: Duration | TimeoutOptions | undefined;
  /** Starts another run of an attempt that takes long; the first to work wins. */
  hedge?: Duration | WithPlainBudget<HedgeOptions<F>> | undefined;
  /** Makes attempts fail, take long or answer wrongly, on purpose. */
  chaos?: ChaosOptions<F> | undefined;
}

/**
 * Protects an async function by several policies in one pipeline.
 *
 * @param policies - An object, whose policies stand in canonical order whatever the order of its keys, or a list in the
 *   order given, outermost first. A bundle holds all policies; with `withPipeline`, those of its list. A fallback must take the function's arguments and give its result, or a promise of it.
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
  return wrapWith<F>(withPolicies, 'withPolicies', fn, policies, toPolicies);
}

/**
 * Protects a method by several policies in one pipeline, as `withPolicies` does: `@Resilient({ retry: {}, breaker: {} })`.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Resilient = /* @__PURE__ */ policyDecorator<ResilientDecorator>('@Resilient', toPolicies, false);

const plainRetrySchema = /* @__PURE__ */ retrySchemaWith(/* @__PURE__ */ plainBudget());
const plainHedgeSchema = /* @__PURE__ */ hedgeSchemaWith(/* @__PURE__ */ plainBudget());

/** In canonical order, outermost first. Here a budget is plain data, as all the rest. */
const KINDS: readonly PolicyKind[] = [
  fallbackKind,
  cacheKind,
  { ...retryKind, resolve: (given, subject) => suppressing(resolve(plainRetrySchema, given, subject)) },
  breakerKind,
  throttleKind,
  rateLimitKind,
  bulkheadKind,
  timeoutKind,
  { ...hedgeKind, resolve: (given, subject) => resolve(plainHedgeSchema, given, subject) },
  chaosKind,
];

const policyOptionsSchema = /* @__PURE__ */ options({
  ...commonOptions,
  ...Object.fromEntries(KINDS.map(({ policy }) => [policy, optional(anything())])),
});

/**
 * The policies that an object or a list stands for, outermost first.
 *
 * @param isStream - Whether what they are to protect is known to give a stream.
 * @throws {@link ConfigurationError} for unknown policies, and for none at all.
 */
export function toPolicies(given: unknown, subject: string, isStream = false): Policy[] {
  if (Array.isArray(given)) return policyList(given, subject, isStream);
  const policies = fromObject(given as PolicyOptions, subject, isStream);
  if (policies.length === 0) throw noPolicies(subject, given);
  return policies;
}

function fromObject(given: PolicyOptions, subject: string, isStream: boolean): Policy[] {
  const issues = problems(policyOptionsSchema, given);
  if (issues.length === 0) return policiesOf(given, commonOf(given));
  // One error names all problems: those of the policies too.
  const policies = policiesOf(given, commonOf(withoutBlamed(given, issues)));
  throw new ConfigurationError(subject, [...issues, ...policyProblems(policies, subject, isStream)]);
}

function commonOf({ name, stream, registry, clock, random, signal, allow }: CommonOptions): CommonOptions {
  return { name, stream, registry, clock, random, signal, allow };
}

function policiesOf(given: PolicyOptions, common: CommonOptions): Policy[] {
  return KINDS.flatMap((kind) => {
    const own = (given as Record<string, unknown> | null)?.[kind.policy];
    if (own === undefined) return [];
    const policy = policyOf(kind, own);
    const replaced = __DEV__ ? replacedBy(given, kind.policy) : undefined;
    return [{ ...withCommon(policy, common), path: kind.policy, problemOf: replaced && lossOf(kind.policy, replaced) }];
  });
}

/** Options for all policies go beneath those of one policy. Anything but an object is left for its own policy to refuse. */
function withCommon(policy: Policy, common: CommonOptions): Policy {
  const { given: own } = policy;
  if (!isRecord(own)) return policy;
  const said = Object.entries(common).filter(([name, value]) => value !== undefined && !Object.hasOwn(own, name));
  // With its prototype: what it inherits is for its own policy to refuse.
  const given = Object.setPrototypeOf({ ...Object.fromEntries(said), ...own }, Object.getPrototypeOf(own) as object | null) as object;
  return { ...policy, given, common: said.map(([name]) => name) };
}
