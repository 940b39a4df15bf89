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
  const send = async (...command: string[]): Promise<unknown> => {
    const call = own ?? fetch;
    const response = await call(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(command),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    return resultOf(response.status, await response.text());
  };
  return {
    isOneShard: true,
    eval: (script, keys, args) => send('EVAL', script, String(keys.length), ...keys, ...args),
    evalsha: (sha, keys, args) => send('EVALSHA', sha, String(keys.length), ...keys, ...args),
  };
}

/** `{ "result": … }`, or `{ "error": … }` with a status of 400. A proxy may answer anything else. */
function resultOf(status: number, body: string): unknown {
  const reply = parsed(body);
  if (isRecord(reply) && typeof reply['error'] === 'string') throw new Error(status === 400 ? reply['error'] : `HTTP ${status}: ${cut(reply['error'], 200)}`);
  if (status !== 200 || !isRecord(reply) || !('result' in reply)) throw new Error(`Redis over HTTP answered with status ${status}, and nothing that can be read`);
  return reply['result'];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
