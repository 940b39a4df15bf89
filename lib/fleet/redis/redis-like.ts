import { ConfigurationError, type ConfigurationIssue } from '../../core/errors';
import { hasMethods } from '../../core/options';

/**
 * What a store needs of a Redis client, made from the user's own by `fromNodeRedis`, `fromIoredis`, `fromGlide` or `fromRest`. For another client,
 * write these functions.
 */
export interface RedisLike {
  /** `EVAL script numkeys key… arg…`. Rejects with the server's error, whose message has its code, as `WRONGTYPE`. */
  eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** `EVALSHA sha numkeys key… arg…`. @defaultValue none: each script is sent whole */
  evalsha?(sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Whether all keys may be read by one command, as from a server that is no part of a cluster. @defaultValue false: one command for each of 16 shards */
  readonly isOneShard?: boolean;
  /**
   * Subscribes to a channel, by a connection that may do nothing else.
   *
   * @param lost - To be called when nothing more will be heard: with the reason, or without one when the client was closed. The subscription is ended
   *   then, and made anew when the server has answered something else.
   * @returns What ends it, also when it was lost. What that throws, and calls of `lost` afterwards, are ignored.
   * @defaultValue none: processes learn of what others do when they poll
   */
  subscribe?(channel: string, listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void): () => unknown;
}

/** The clients that there are adapters for, and how each is told from the others. */
const CLIENTS = [
  { adapter: 'fromNodeRedis', client: 'node-redis', methods: ['evalSha', 'eval', 'subscribe'] },
  { adapter: 'fromIoredis', client: 'ioredis', methods: ['evalsha', 'eval', 'duplicate'] },
  { adapter: 'fromGlide', client: 'valkey-glide', methods: ['customCommand'] },
] as const;

function kindOf(given: unknown): (typeof CLIENTS)[number] | undefined {
  return CLIENTS.find(({ methods }) => hasMethods(given, methods));
}

function isRedisLike(given: unknown): boolean {
  return hasMethods(given, ['eval']) && !hasMethods(given, ['evalSha']) && kindOf(given) === undefined;
}

/** Why a value is no `RedisLike`, and how to make one of it. */
export function problemOfRedis(given: unknown): string | undefined {
  if (isRedisLike(given)) return undefined;
  const kind = kindOf(given);
  if (kind !== undefined) return `is a client of ${kind.client} as it is; pass ${kind.adapter}(client)`;
  return 'must be made of your client: fromNodeRedis(client) of the package redis, fromIoredis(client) of ioredis or iovalkey, fromGlide(client) of @valkey/valkey-glide; or be fromRest({ url, token })';
}

/** @throws {@link ConfigurationError} when an adapter cannot take a client, with what else is wrong. */
export function checkClient(adapter: (typeof CLIENTS)[number]['adapter'], given: unknown, problem?: string | false, others: readonly ConfigurationIssue[] = []): void {
  const message = problemOfClient(adapter, given) ?? problem;
  const issues = message ? [{ path: 'client', message, received: given }, ...others] : others;
  if (issues.length > 0) throw new ConfigurationError(adapter, issues);
}

function problemOfClient(adapter: string, given: unknown): string | undefined {
  const wanted = CLIENTS.find((one) => one.adapter === adapter)!;
  const found = kindOf(given);
  if (found === wanted) return undefined;
  if (found !== undefined) return `must be a client of ${wanted.client}; that is one of ${found.client}: ${found.adapter}(client)`;
  if (isRedisLike(given)) return 'must be a client; that is what an adapter has made already: hand it to redisStore';
  return `must be a client of ${wanted.client} (with ${wanted.methods.join(', ')}); a pool is none, since it cannot subscribe`;
}
