import { ConfigurationError } from '../../core/errors';
import { optional, options, problems, resolve, when } from '../../core/check';
import { propertyOf } from '../../core/safe-inspect';
import { SharedRecordError, type Answer, type Command, type SharedStore } from '../shared-store';
import { readAnswer, written } from './answer';
import { Broadcast } from './broadcast';
import { clientKind, isRedisLike } from './client-kind';
import { channelOf, keysOf } from './keys';
import type { RedisLike } from './redis-like';
import { SCRIPT, SHA } from './script';

export interface RedisStoreOptions {
  /**
   * Begins the names of all keys and of the channel. Processes that share breakers have the same.
   * 1 to 100 letters, digits and `._:/@-`: braces would tell a cluster where keys belong, and others are patterns in rules for users.
   * @defaultValue `'breaker-box'`
   */
  prefix?: string | undefined;
}

const redisStoreSchema = options({
  prefix: optional(
    when<string>((input) => typeof input === 'string' && /^[\w.:/@-]{1,100}$/.test(input), "must be 1 to 100 letters, digits and any of '._:/@-'"),
    'breaker-box',
  ),
});

class RedisStore implements SharedStore {
  readonly #broadcast: Broadcast;

  constructor(
    private readonly redis: RedisLike,
    private readonly prefix: string,
  ) {
    this.#broadcast = new Broadcast(redis, channelOf(prefix));
  }

  async apply(breaker: string, command: Command): Promise<Answer> {
    const answer = readAnswer(await this.#evaluate(keysOf(this.prefix, breaker), [written(command), channelOf(this.prefix), breaker]));
    this.#broadcast.answered(answer.now);
    return answer;
  }

  subscribe(listener: (change: unknown) => void): () => void {
    return this.#broadcast.add(listener);
  }

  async #evaluate(keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.redis.evalsha(SHA, keys, args).catch((reason: unknown) => {
        // A server that was started, or told to forget its scripts, since.
        if (!says(reason, /no_?script/i)) throw reason;
        return this.redis.eval(SCRIPT, keys, args);
      });
    } catch (reason) {
      if (!says(reason, /\b(WRONGTYPE|BADRECORD)\b/)) throw reason;
      throw new SharedRecordError(`${keys[0]} and the keys beside it hold something else than a breaker's record; delete them, or give the store another prefix`, { cause: reason });
    }
  }
}

function says(reason: unknown, what: RegExp): boolean {
  return what.test(String(propertyOf(reason, 'message')));
}

/**
 * A {@link SharedStore} in Redis 6.2 or later, Valkey, or a cluster of them: for all processes that share breakers. Installs no client:
 * it uses yours.
 *
 * @param redis - Your client, as `fromNodeRedis`, `fromIoredis` or `fromGlide` makes it fit.
 * @example redisStore(fromNodeRedis(await createClient({ url }).on('error', log).connect()))
 * @throws {@link ConfigurationError} that names every problem.
 */
export function redisStore(redis: RedisLike, given: RedisStoreOptions = {}): SharedStore {
  const issues = problems(redisStoreSchema, given);
  if (!isRedisLike(redis)) issues.unshift({ path: 'redis', message: howToPass(redis), received: redis });
  if (issues.length > 0) throw new ConfigurationError('redisStore', issues);
  return new RedisStore(redis, resolve(redisStoreSchema, given, 'redisStore').prefix);
}

function howToPass(given: unknown): string {
  const kind = clientKind(given);
  if (kind !== undefined) return `is a client of ${kind.client} as it is; pass ${kind.adapter}(client)`;
  return 'must be made of your client: fromNodeRedis(client) of the package redis, fromIoredis(client) of ioredis or iovalkey, fromGlide(client) of @valkey/valkey-glide';
}
