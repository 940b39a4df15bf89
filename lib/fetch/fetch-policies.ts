import { askAll } from '../core/outcome';
import { isOneShot } from '../core/one-shot';
import { isRecord } from '../core/options';
import type { Policy } from '../core/policy';
import { HTTP_BREAKER, HTTP_RETRY, HTTP_THROTTLE, isGuess } from '../presets/http';
import { fetchRequest, isIdempotent } from '../presets/http-request';
import type { Init, Input } from './fetch-call';

/** Policies that keep something for each host. */
const KEYED = ['breaker', 'throttle', 'rateLimit', 'bulkhead'];

/** Policies that may send a request more than once. */
const REPEATING = ['retry', 'hedge'];

type Given = Readonly<Record<string, unknown>>;

/** Policies as they suit `fetch`: what they leave open of HTTP is filled in. */
export function prepare(policies: readonly Policy[], name: string | undefined, key: unknown): Policy[] {
  return policies.map((policy) => {
    const { kind, given } = policy;
    if (!isRecord(given)) return policy; // for its own kind to refuse
    const own: Given = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const keyed = KEYED.includes(kind.policy) && { key };
    return { ...policy, given: { ...(name !== undefined && { name }), ...keyed, ...forHttp(kind.policy, own) } };
  });
}

function forHttp(policy: string, own: Given): Given {
  if (policy === 'breaker') return { ...HTTP_BREAKER, ...own };
  if (policy === 'throttle') return { ...HTTP_THROTTLE, ...own };
  if (policy === 'retry') return { ...HTTP_RETRY, ...own, idempotent: idempotence(isGuess(own.idempotent) ? undefined : own.idempotent) };
  return policy === 'hedge' ? { ...own, idempotent: idempotence(isGuess(own.idempotent) ? undefined : own.idempotent) } : own;
}

/** @param own - What the user says of it, of the same form as the option. */
function idempotence(own: unknown): unknown {
  if (own === false || (own !== undefined && own !== true && typeof own !== 'function')) return own; // or for the policy to refuse
  const judge = own === true ? () => true : ((own as typeof isIdempotentFetch | undefined) ?? isIdempotentFetch);
  return (input: Input, init: Init): boolean => !isOneShot(init?.body) && judge(input, init);
}

function isIdempotentFetch(input: Input, init: Init): boolean {
  return isIdempotent(fetchRequest(input, init));
}

/** Whether some of the policies may send a request again, or beside itself. */
export function repetitionOf(policies: readonly Policy[]): (input: Input, init: Init) => boolean {
  const judges = policies
    .filter(({ kind }) => REPEATING.includes(kind.policy))
    .map(({ given }) => (given as Given | null)?.idempotent as ReturnType<typeof repetitionOf>);
  return (input, init) => judges.some((judge) => typeof judge === 'function' && askAll(judge, 'idempotent', [input, init], false));
}
