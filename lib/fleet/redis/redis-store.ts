import { nothing } from '../../core/call-safely';
import { optional, options, problems, resolve, when } from '../../core/check';
import { systemClock, type Clock } from '../../core/clock';
import { ConfigurationError } from '../../core/errors';
import { commonOptions } from '../../core/options';
import { asText, propertyOf } from '../../core/safe-inspect';
import { StoreRefusalError, type Expected, type FleetStore, type Reading, type Stored, type StoreMoment, type Written } from '../store';
import { Broadcast } from './broadcast';
import { channelOf, keyOf, membersKey, shardOf } from './keys';
import { problemOfRedis, type RedisLike } from './redis-like';
import { ANNOUNCE, COMPARE_AND_SET, MEMBERS, PUBLISH, READ, type Script } from './scripts';

export interface RedisStoreOptions {
  /**
   * Begins the names of all keys and of the channel. Processes that share breakers have the same.
   * 1 to 100 letters, digits and `._:/@-`: braces would tell a cluster where keys belong, and others are patterns in rules for users.
   * @defaultValue `'breaker-box'`
   */
  prefix?: string | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

const redisStoreSchema = options({
  prefix: optional(
    when<string>((input) => typeof input === 'string' && /^[\w.:/@-]{1,100}$/.test(input), "must be 1 to 100 letters, digits and any of '._:/@-'"),
    'breaker-box',
  ),
  clock: commonOptions.clock,
});

/** Redis takes no more milliseconds than a 64-bit integer holds, and this is longer than anything lasts. */
const FOREVER_MS = 1e15;

class RedisStore implements FleetStore {
  readonly shardOf?: FleetStore['shardOf'];
  readonly subscribe?: FleetStore['subscribe'];
  readonly #answered: () => void = nothing;
  /** By its node a probe is published: that one is there. */
  #answeredKey = '';

  constructor(
    private readonly redis: RedisLike,
    private readonly prefix: string,
    clock: Clock,
  ) {
    if (redis.isOneShard !== true) this.shardOf = shardOf;
    if (redis.subscribe === undefined) return;
    const channel = channelOf(prefix);
    const publish = (message: string): Promise<unknown> => this.#evaluate(PUBLISH, [this.#answeredKey], [channel, message]);
    const broadcast = new Broadcast((listener, lost) => redis.subscribe!(channel, listener, lost), publish, clock);
    this.subscribe = (listener) => broadcast.add(listener);
    this.#answered = () => broadcast.answered();
  }

  async read(names: readonly string[]): Promise<Reading> {
    const [micros, server, ...texts] = await this.#run(READ, names.map((name) => keyOf(this.prefix, name)));
    if (texts.length !== names.length) throw unreadable();
    return { ...momentOf(micros, server), stored: texts.map(storedFrom) };
  }

  async compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    const text = next === undefined ? '' : `${next.revision} ${next.value}`;
    const { revision, server: expectedServer, notAfter } = expected;
    const latest = String(Math.floor(notAfter * 1000));
    const args = [revision, expectedServer, latest, text, milliseconds(lastsMs), channelOf(this.prefix), `${name} ${next?.revision ?? ''}`];
    const [micros, server, done, stored] = await this.#run(COMPARE_AND_SET, [keyOf(this.prefix, name)], args);
    if (done !== '0' && done !== '1') throw unreadable();
    return { ...momentOf(micros, server), done: done === '1', stored: storedFrom(stored) };
  }

  async announce(process: string, value: string, lastsMs: number): Promise<void> {
    await this.#run(ANNOUNCE, [membersKey(this.prefix)], [process, value, milliseconds(lastsMs)]);
  }

  async members(): Promise<ReadonlyMap<string, string>> {
    const flat = await this.#run(MEMBERS, [membersKey(this.prefix)]);
    const members = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) members.set(flat[i] ?? '', flat[i + 1] ?? '');
    return members;
  }

  /** Runs a script. @returns the parts of its reply, as text; undefined for what is nil. */
  async #run(script: Script, keys: readonly string[], args: readonly string[] = []): Promise<(string | undefined)[]> {
    let reply: unknown;
    try {
      reply = await this.#evaluate(script, keys, args);
    } catch (error) {
      throw refusalOf(error, keys) ?? error;
    }
    this.#answeredKey = keys[0]!;
    this.#answered();
    return (Array.isArray(reply) ? reply : [reply]).map((part) => (part === null || part === undefined ? undefined : String(part)));
  }

  #evaluate({ sha, text }: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const { redis } = this;
    if (sha === undefined || redis.evalsha === undefined) return redis.eval(text, keys, args);
    return redis.evalsha(sha, keys, args).catch((error: unknown) => {
      // A server that was started, or told to forget its scripts, since.
      if (!/no_?script/i.test(messageOf(error))) throw error;
      return redis.eval(text, keys, args);
    });
  }
}

const milliseconds = (ms: number): string => String(Math.min(FOREVER_MS, Math.max(1, Math.ceil(ms))));

function storedFrom(text: string | undefined): Stored | undefined {
  if (text === undefined || text === '') return undefined;
  // What somebody else has put there is a revision that no write expects.
  const [, revision = text, value = ''] = /^(\S+) (.*)$/s.exec(text) ?? [];
  return { revision, value };
}

function momentOf(micros: string | undefined, server: string | undefined): StoreMoment {
  if (micros === undefined || !/^\d{10,20}$/.test(micros) || server === undefined) throw unreadable();
  return { now: Number(micros) / 1000, server };
}

const unreadable = (): Error => new Error('Redis answered something else than the script of shared breakers does');

/** What servers say, or what valkey-glide makes of it, when it is about the key, or about writing, and others may be well. */
const REFUSALS = /\b(?:WRONGTYPE|NOPERM|OOM|MISCONF|NOREPLICAS|CROSSSLOT|CrossSlot|TRYAGAIN|TryAgain|MOVED|Moved|ASK|Ask)\b|[Pp]ermission|user executing the script/;

function refusalOf(error: unknown, [key, ...more]: readonly string[]): StoreRefusalError | undefined {
  const message = messageOf(error);
  if (!REFUSALS.test(message)) return undefined;
  const hint = message.includes('WRONGTYPE') ? ': something else than a record of breakers is there; delete it, or give the store another prefix' : '';
  return new StoreRefusalError(`Redis refuses ${more.length === 0 ? key : `${key} and ${more.length} others`}${hint} (${message})`, { cause: error });
}

function messageOf(error: unknown): string {
  return asText(propertyOf(error, 'message'));
}

/**
 * A {@link FleetStore} in Redis 6.2 or later, Valkey, or a cluster of them: for all processes that share breakers. Installs no client:
 * it uses yours.
 *
 * @param redis - Your client, as `fromNodeRedis`, `fromIoredis`, `fromGlide` or `fromRest` makes it fit.
 * @example redisStore(fromNodeRedis(await createClient({ url }).on('error', log).connect()))
 * @throws {@link ConfigurationError} that names every problem.
 */
export function redisStore(redis: RedisLike, given: RedisStoreOptions = {}): FleetStore {
  const issues = problems(redisStoreSchema, given);
  const message = problemOfRedis(redis);
  if (message !== undefined) issues.unshift({ path: 'redis', message, received: redis });
  if (issues.length > 0) throw new ConfigurationError('redisStore', issues);
  const { prefix, clock = systemClock } = resolve(redisStoreSchema, given, 'redisStore');
  return new RedisStore(redis, prefix, clock);
}
