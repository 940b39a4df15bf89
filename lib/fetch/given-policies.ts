import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { isRecord, problems } from '../core/options';
import type { Policy } from '../core/policy';
import { propertyOf } from '../core/thrown';
import { policyProblems } from '../protect/policy';
import { toPolicies, type PolicyOptions } from '../protect/policies';

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

/** What cannot be read is no policy, but `issues`. */
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
