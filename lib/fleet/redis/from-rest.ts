import { isRecord, optional, options, resolve, when } from '../../core/check';
import { fn, text } from '../../core/options';
import { cut } from '../../core/safe-inspect';
import type { RedisLike } from './redis-like';

export interface RestOptions {
  /** Of the HTTP interface, as Upstash gives it: `https://eu1-example.upstash.io`. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  token: string;
  /** @defaultValue the global `fetch`, at each call */
  fetch?: typeof fetch | undefined;
}

const restSchema = options({
  url: when<string>((given) => typeof given === 'string' && /^https?:\/\//.test(given) && URL.canParse(given), 'must be an http or https URL'),
  token: text(),
  fetch: optional(fn<typeof fetch>()),
});

/** No request goes on for longer, whoever still waits. */
const WITHIN_MS = 10_000;

/**
 * Redis over HTTP in Upstash's format, for {@link redisStore}: nothing is connected between two commands, so that runtimes can share that hold no connection,
 * as edge and serverless ones do. Processes learn what others did when they poll. Shares with processes that connect to the same Redis by another client.
 *
 * @throws {@link ConfigurationError}
 */
export function fromRest(given: RestOptions): RedisLike {
  const { url, token, fetch: own } = resolve(restSchema, given, 'fromRest');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (command: string, script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    const call = own ?? fetch;
    const body = JSON.stringify([command, script, String(keys.length), ...keys, ...args]);
    const response = await call(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(WITHIN_MS) });
    return resultOf(response.status, await response.text());
  };
  return {
    isOneShard: true,
    eval: (script, keys, args) => send('EVAL', script, keys, args),
    evalsha: (sha, keys, args) => send('EVALSHA', sha, keys, args),
  };
}

/** `{ "result": … }`, or `{ "error": … }` with a status of 400. A proxy may answer anything else. */
function resultOf(status: number, body: string): unknown {
  const { result, error } = replyIn(body);
  if (typeof error === 'string') throw new Error(status === 400 ? error : `HTTP ${status}: ${cut(error, 200)}`);
  if (status !== 200 || result === undefined) throw new Error(`Redis over HTTP answered with status ${status}, and nothing that can be read`);
  return result;
}

function replyIn(body: string): Record<string, unknown> {
  try {
    const reply: unknown = JSON.parse(body);
    return isRecord(reply) ? reply : {};
  } catch {
    return {};
  }
}
