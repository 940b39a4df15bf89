import { breakerOf, keysOf, recordPattern } from '../fleet/redis/keys';
import { redisStore } from '../fleet/redis/redis-store';
import { readSharedName, sharedName } from '../fleet/shared-name';
import type { Answer, FleetOverride, SharedStore } from '../fleet/shared-store';
import type { Connection } from './connection';
import { readRecord, type BreakerStatus } from './fleet-record';

/** An operator's act, without what every command says of its sender. */
export type Act = { readonly act: 'close' | 'reset' } | { readonly act: 'override'; readonly override: FleetOverride };

/** One that has confirmed nothing and is no member of the fleet. Should the record be new, its first probe waits for the usual lease. */
const OPERATOR = { process: 'operator', seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 0, lease: 5000 } as const;

const KEYS_AT_ONCE = '500';

/** The breakers that processes share under one prefix of a Redis server. */
export class Fleet {
  readonly #store: SharedStore;

  /** @throws {@link ConfigurationError} for a prefix that cannot be one. */
  constructor(
    private readonly connection: Connection,
    readonly prefix: string,
  ) {
    const evaluate = (command: string) => (script: string, keys: readonly string[], args: readonly string[]) =>
      connection.send(command, script, String(keys.length), ...keys, ...args);
    this.#store = redisStore({ evalsha: evaluate('EVALSHA'), eval: evaluate('EVAL'), subscribe: () => () => undefined }, { prefix });
  }

  /** Reads alone: nothing is kept alive by being looked at. */
  async statuses(): Promise<BreakerStatus[]> {
    const now = await this.#now();
    const found: BreakerStatus[] = [];
    for await (const breakers of this.#breakers()) {
      const read = await Promise.all(breakers.map((breaker) => this.#status(breaker, now)));
      found.push(...read.filter((status) => status !== undefined));
    }
    return found;
  }

  async knows(operation: string, key: string | undefined): Promise<boolean> {
    return (await this.#status(sharedName(operation, key), await this.#now())) !== undefined;
  }

  /** The names of all operations, each once, and the keys of one. */
  async names(operation: string): Promise<{ readonly operations: readonly string[]; readonly keys: readonly string[] }> {
    const names = [];
    for await (const breakers of this.#breakers()) names.push(...breakers.map(readSharedName));
    const keys = names.flatMap(({ operation: other, key }) => (other === operation && key !== undefined ? [key] : []));
    return { operations: [...new Set(names.map((name) => name.operation))], keys };
  }

  force(operation: string, key: string | undefined, act: Act): Promise<Answer> {
    return this.#store.apply(sharedName(operation, key), { ...OPERATOR, kind: 'force', ...act });
  }

  async #now(): Promise<number> {
    const [seconds, micros] = (await this.connection.send('TIME')) as [string, string];
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** `SCAN` may name a key more than once. */
  async *#breakers(): AsyncGenerator<string[]> {
    const told = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = (await this.connection.send('SCAN', cursor, 'MATCH', recordPattern(this.prefix), 'COUNT', KEYS_AT_ONCE, 'TYPE', 'hash')) as [string, string[]];
      const fresh = keys.map(breakerOf).filter((breaker) => !told.has(breaker) && told.add(breaker));
      yield [...new Set(fresh)];
      cursor = String(next);
    } while (cursor !== '0');
  }

  async #status(breaker: string, now: number): Promise<BreakerStatus | undefined> {
    const [record = '', votes = '', members = ''] = keysOf(this.prefix, breaker);
    const live = (key: string): Promise<unknown> => this.connection.send('ZRANGEBYSCORE', key, `(${now}`, '+inf');
    const [fields, voters, processes] = await Promise.all([this.connection.send('HGETALL', record), live(votes), live(members)]);
    return readRecord(breaker, fieldsOf(fields), voters as string[], processes as string[], now);
  }
}

/** A hash as clients give it: a list of names and values, or (RESP3) a map of them. */
function fieldsOf(reply: unknown): globalThis.Record<string, string> {
  if (reply instanceof Map) return Object.fromEntries(reply) as globalThis.Record<string, string>;
  if (!Array.isArray(reply)) return { ...(reply as object) };
  return Object.fromEntries(reply.flatMap((name: string, n) => (n % 2 === 0 ? [[name, String(reply[n + 1])]] : [])));
}
