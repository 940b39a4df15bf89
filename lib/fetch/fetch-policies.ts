import { askAll } from '../core/outcome';
import { isRecord } from '../core/options';
import type { Policy } from '../core/policy';
import type { PolicyOptions } from '../protect/policies';
import { http, HTTP_BREAKER, HTTP_RETRY, HTTP_THROTTLE, isGuess } from '../presets/http';

/** Policies that keep something for each host. */
const KEYED = ['breaker', 'throttle', 'rateLimit', 'bulkhead'];

/** Policies that may send a request more than once. */
const REPEATING = ['retry', 'hedge'];

type Given = Readonly<Record<string, unknown>>;

type Judge<Args extends unknown[]> = (...args: Args) => boolean;

/** What is known of the requests of a client, by the arguments of a call. */
export interface RequestJudges<Args extends unknown[]> {
  /** Whether it may be carried out twice. */
  readonly isIdempotent: Judge<Args>;
  /** Whether its body is spent when it is sent. */
  readonly isSpent: Judge<Args>;
}

/** Policies as they suit an HTTP client: what they leave open of HTTP is filled in. */
export function prepare<Args extends unknown[]>(policies: readonly Policy[], name: string | undefined, key: unknown, judges: RequestJudges<Args>): Policy[] {
  return policies.map((policy) => {
    const { kind, given } = policy;
    if (!isRecord(given)) return policy; // for its own kind to refuse
    const own: Given = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const keyed = KEYED.includes(kind.policy) && { key };
    return { ...policy, given: { ...(name !== undefined && { name }), ...keyed, ...forHttp(kind.policy, own, judges) } };
  });
}

function forHttp<Args extends unknown[]>(policy: string, own: Given, judges: RequestJudges<Args>): Given {
  if (policy === 'breaker') return { ...HTTP_BREAKER, ...own };
  if (policy === 'throttle') return { ...HTTP_THROTTLE, ...own };
  if (!REPEATING.includes(policy)) return own;
  const idempotent = idempotence(isGuess(own.idempotent) ? undefined : own.idempotent, judges);
  return policy === 'retry' ? { ...HTTP_RETRY, ...own, idempotent } : { ...own, idempotent };
}

/** @param own - What the user says of it, of the same form as the option. */
function idempotence<Args extends unknown[]>(own: unknown, { isIdempotent, isSpent }: RequestJudges<Args>): unknown {
  if (own === false || (own !== undefined && own !== true && typeof own !== 'function')) return own; // or for the policy to refuse
  const judge = own === true ? () => true : ((own as Judge<Args> | undefined) ?? isIdempotent);
  return (...args: Args): boolean => !isSpent(...args) && judge(...args);
}

/** Those of `presets.http()`, without its retry budget, which would be one for all hosts. */
export function defaultPolicies(): PolicyOptions {
  const policies = http();
  return { ...policies, retry: { ...policies.retry, budget: undefined, idempotent: undefined } };
}

/** Whether some of the policies may send a request again, or beside itself. */
export function repetitionOf<Args extends unknown[]>(policies: readonly Policy[]): Judge<Args> {
  const judges = policies
    .filter(({ kind }) => REPEATING.includes(kind.policy))
    .map(({ given }) => (given as Given | null)?.idempotent as Judge<Args> | undefined);
  return (...args) => judges.some((judge) => typeof judge === 'function' && askAll(judge, 'idempotent', args, false));
}
