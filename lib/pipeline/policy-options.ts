import * as v from 'valibot';
import { ConfigurationError } from '../core/errors';
import { commonOptions, isRecord, options, problems, type CommonOptions } from '../core/options';
import type { Policy } from '../core/policy';
import { circuitBreaker } from '../policies/circuit-breaker/policy';
import type { BreakerOptions } from '../policies/circuit-breaker/options';
import { retry } from '../policies/retry/policy';
import type { RetryOptions } from '../policies/retry/options';
import { policyProblems } from './applied-policy';

/** The policies of an operation by name; what it says itself holds for all of them. */
export interface PolicyOptions extends CommonOptions {
  /** Tries again; outside the breaker, so that each attempt counts. */
  retry?: RetryOptions | undefined;
  breaker?: BreakerOptions | undefined;
}

/** In canonical order, outermost first. */
const POLICIES: Readonly<Record<string, (given: never) => Policy>> = { retry, breaker: circuitBreaker };

const policyOptionsSchema = options({
  ...commonOptions,
  ...Object.fromEntries(Object.keys(POLICIES).map((name) => [name, v.optional(v.unknown())])),
});

/**
 * The policies that an object or a list stands for, outermost first.
 *
 * @throws {@link ConfigurationError} for unknown policies, and for none at all.
 */
export function toPolicies(given: PolicyOptions | readonly Policy[], subject: string): Policy[] {
  const policies = Array.isArray(given) ? fromList(given as unknown[], subject) : fromObject(given as PolicyOptions, subject);
  if (policies.length > 0) return policies;
  const message = `at least one policy must be given: ${Object.keys(POLICIES).join(', ')}`;
  throw new ConfigurationError(subject, [{ path: '', message, received: given }]);
}

function fromObject(given: PolicyOptions, subject: string): Policy[] {
  const issues = problems(policyOptionsSchema, given);
  // One error names all problems: those of the policies too.
  if (issues.length > 0) throw new ConfigurationError(subject, [...issues, ...policyProblems(policiesOf(given, {}), subject)]);
  const { name, stream, registry, clock, random } = given;
  return policiesOf(given, { name, stream, registry, clock, random });
}

function policiesOf(given: PolicyOptions, common: CommonOptions): Policy[] {
  return Object.entries(POLICIES).flatMap(([policy, make]) => {
    const own = (given as Record<string, unknown> | null)?.[policy];
    return own === undefined ? [] : [{ ...make(withCommon(own, common) as never), path: policy }];
  });
}

/** What holds for all policies goes beneath what one says itself. Anything but an object is left for its own policy to refuse. */
function withCommon(own: unknown, common: CommonOptions): unknown {
  if (!isRecord(own)) return own;
  const said = Object.entries(common).filter(([, value]) => value !== undefined);
  // With its prototype: what it inherits is for its own policy to refuse.
  return Object.setPrototypeOf({ ...Object.fromEntries(said), ...own }, Object.getPrototypeOf(own) as object | null);
}

function fromList(given: readonly unknown[], subject: string): Policy[] {
  const issues = given.flatMap((one, index) =>
    isPolicy(one) ? [] : [{ path: String(index), message: 'must be a policy, such as retry({ ... })', received: one }],
  );
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  return (given as Policy[]).map((policy) => ({ ...policy, path: policy.kind.policy }));
}

function isPolicy(value: unknown): value is Policy {
  return typeof (value as Partial<Policy> | null)?.kind?.layer === 'function';
}
