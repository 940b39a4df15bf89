import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { isRecord, problems } from '../core/options';
import { askAll } from '../core/outcome';
import type { Policy } from '../core/policy';
import { propertyOf } from '../core/safe-inspect';
import { http, HTTP_BREAKER, HTTP_RETRY, HTTP_THROTTLE, isGuess } from '../presets/http';
import { toPolicies, type PolicyOptions } from '../protect/policies';
import { policyProblems } from '../protect/policy';

/** Policies that keep something for each host. */
const KEYED = ['breaker', 'throttle', 'rateLimit', 'bulkhead'];

/** Policies that may send a request more than once. */
const REPEATING = ['retry', 'hedge'];

type Given = Readonly<Record<string, unknown>>;

type Judge<Args extends unknown[]> = (...args: Args) => boolean;

/** Reads the requests of a client from the arguments of a call. */
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

/** @param own - The user's value of the option. */
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

/**
 * The policies that protect an HTTP client, as they were given.
 *
 * @param noCache - Why a cache cannot protect it.
 * @throws {@link ConfigurationError} that names all that is wrong with them and with the options, a cache and a second name included.
 */
export function givenPolicies(
  given: PolicyOptions | readonly Policy[],
  options: object,
  subject: string,
  schema: Parameters<typeof problems>[0],
  noCache: string,
): Policy[] {
  const issues = [...problems(schema, options), ...cachesIn(given).map((received) => ({ path: 'cache', message: noCache, received }))];
  const policies = readInto(issues, () => toPolicies(given, subject));
  issues.push(...otherNames(policies, propertyOf(options, 'name')));
  if (issues.length > 0) throw new ConfigurationError(subject, [...issues, ...policyProblems(policies, subject)]);
  return policies;
}

/** The caches in a list of policies, or in an object of them, whatever else is wrong with it. */
function cachesIn(given: unknown): unknown[] {
  if (!Array.isArray(given)) return [propertyOf(given, 'cache')].filter((cache) => cache !== undefined);
  return given.filter((one) => propertyOf(propertyOf(one, 'kind'), 'policy') === 'cache').map((one) => propertyOf(one, 'given'));
}

/** Policies that are wrong give `issues` in place of policies. */
function readInto(issues: ConfigurationIssue[], read: () => Policy[]): Policy[] {
  try {
    return read();
  } catch (error) {
    if (!isConfigurationError(error)) throw error;
    issues.push(...error.issues);
    return [];
  }
}

function otherNames(policies: readonly Policy[], name: unknown): ConfigurationIssue[] {
  if (typeof name !== 'string') return [];
  const names = new Set(policies.map(({ given }) => (isRecord(given) ? given.name : undefined)));
  const others = [...names].filter((own) => own !== undefined && own !== name);
  return others.map((own) => ({ path: 'name', message: 'the policies have another name', received: [name, own] }));
}

/**
 * The host that a request goes to, with its port; undefined when it goes to none (`data:`, `blob:`), or when `fetch` itself must
 * say what is wrong with it.
 *
 * @param input - The first argument of `fetch`: a text, a `URL` or a `Request`. A relative URL has a host only where there is a page.
 */
export function hostOf(input: unknown): string | undefined {
  const address = propertyOf(input, 'href') ?? propertyOf(input, 'url') ?? input;
  if (typeof address !== 'string') return undefined;
  const { location } = globalThis as { location?: { href?: string } };
  try {
    const { protocol, host } = new URL(address, location?.href);
    return protocol === 'http:' || protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}
