import { ConfigurationError } from '../core/errors';
import type { Duration } from '../core/duration';
import { anything, isRecord, optional, options, problems } from '../core/check';
import { commonOptions, resolve, type CommonOptions } from '../core/options';
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
import { policyProblems, withoutBlamed } from './policy';
import { lossOf } from './lost-safety';
import { replacedBy } from './preset-marks';

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
const NAMES = KINDS.map(({ policy }) => policy);

const policyOptionsSchema = /* @__PURE__ */ options({
  ...commonOptions,
  ...Object.fromEntries(NAMES.map((name) => [name, optional(anything())])),
});

/**
 * The policies that an object or a list stands for, outermost first.
 *
 * @param isStream - Whether what they are to protect is known to give a stream.
 * @throws {@link ConfigurationError} for unknown policies, and for none at all.
 */
export function toPolicies(given: PolicyOptions | readonly Policy[], subject: string, isStream = false): Policy[] {
  const policies = Array.isArray(given) ? fromList(given as unknown[], subject, isStream) : fromObject(given as PolicyOptions, subject, isStream);
  if (policies.length > 0) return policies;
  const message = `at least one policy must be given: ${NAMES.join(', ')}`;
  throw new ConfigurationError(subject, [{ path: '', message, received: given }]);
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
    const replaced = replacedBy(given, kind.policy);
    return [{ ...withCommon(policy, common), path: kind.policy, problemOf: replaced && lossOf(kind.policy, replaced) }];
  });
}

/** What holds for all policies goes beneath what one says itself. Anything but an object is left for its own policy to refuse. */
function withCommon(policy: Policy, common: CommonOptions): Policy {
  const { given: own } = policy;
  if (!isRecord(own)) return policy;
  const said = Object.entries(common).filter(([name, value]) => value !== undefined && !Object.hasOwn(own, name));
  // With its prototype: what it inherits is for its own policy to refuse.
  const given = Object.setPrototypeOf({ ...Object.fromEntries(said), ...own }, Object.getPrototypeOf(own) as object | null) as object;
  return { ...policy, given, common: said.map(([name]) => name) };
}

function fromList(given: readonly unknown[], subject: string, isStream: boolean): Policy[] {
  const issues = given.flatMap((one, index) =>
    isPolicy(one) ? [] : [{ path: String(index), message: __DEV__ ? 'must be a policy, such as retry({ ... })' : 'invalid', received: one }],
  );
  const policies = given.filter(isPolicy).map((policy) => ({ ...policy, path: policy.kind.policy }));
  if (issues.length > 0) throw new ConfigurationError(subject, [...issues, ...policyProblems(policies, subject, isStream)]);
  return policies;
}

function isPolicy(value: unknown): value is Policy {
  return typeof (value as Partial<Policy> | null)?.kind?.resolve === 'function';
}
