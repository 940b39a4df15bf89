import type { Command } from '../fleet/command';
import { decodeHeartbeat, type HeartbeatReading } from '../fleet/heartbeat';
import { decode, encode, lastsMs, nextRevision, type Record } from '../fleet/record';
import { reduce } from '../fleet/reduce';
import { shardPrefix, SHARDS } from '../fleet/redis/keys';
import type { RedisLike } from '../fleet/redis/redis-like';
import { redisStore } from '../fleet/redis/redis-store';
import { readSharedName, sharedName } from '../fleet/shared-name';
import type { FleetStore } from '../fleet/store';
import { Failure } from './failure';

/** An operator's act on a record. */
export type Act = Command & { kind: 'force' };

/** The last heartbeat of a process; without a heartbeat, it is of a version that this one cannot read. */
export interface Process {
  readonly id: string;
  readonly heartbeat: HeartbeatReading | undefined;
}

/** Of one moment. */
export interface Look {
  /** By name; undefined: it cannot be read. */
  readonly records: ReadonlyMap<string, Record | undefined>;
  readonly processes: readonly Process[];
  /** The store's clock, in epoch milliseconds. */
  readonly nowMs: number;
}

const NAMES_AT_ONCE = 200;
/** Others write at the same time; each time that one is first, this one reads again. */
const TRIES = 20;
/** How long a write may be under way. */
const LATE_MS = 5000;
/** Should the record be new, its first probe waits for the usual lease. */
const OPERATOR = { process: 'operator', lease: 5000 };

/** One round of SCAN on the node of a key, through a script: so that every client sends it to that node. */
const SCAN = `return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)`;

/** The breakers that processes share under one prefix of a Redis server, or of a cluster. */
export class Fleet {
  readonly #store: FleetStore;

  /** @throws {@link ConfigurationError} for a prefix that cannot be one. */
  constructor(
    private readonly redis: RedisLike,
    readonly prefix: string,
  ) {
    this.#store = redisStore(redis, { prefix });
  }

  /** Reads alone: nothing is kept alive by being looked at. */
  async look(): Promise<Look> {
    const records = new Map<string, Record | undefined>();
    let nowMs = 0;
    for (const shard of this.redis.isOneShard === true ? ['?'] : SHARDS) {
      const names = await this.#namesIn(shard);
      for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
        const batch = names.slice(at, at + NAMES_AT_ONCE);
        const { stored, now } = await this.#store.read(batch);
        nowMs = now;
        // What has gone since is no record.
        for (const [n, name] of batch.entries()) if (stored[n] !== undefined) records.set(name, decode(stored[n].value));
      }
    }
    return { records, processes: await this.processes(), nowMs };
  }

  async processes(): Promise<Process[]> {
    const members = [...(await this.#store.members())].sort(([a], [b]) => (a < b ? -1 : 1));
    return members.map(([id, text]) => ({ id, heartbeat: decodeHeartbeat(text) }));
  }

  /** @throws {@link Failure} */
  async force(operation: string, key: string | undefined, act: Act): Promise<void> {
    const name = sharedName(operation, key);
    const title = readSharedName(name).operation === operation ? undefined : operation.slice(0, 200);
    let { now, server, stored: [stored] } = await this.#store.read([name]);
    for (let tries = 0; tries < TRIES; tries++) {
      const nowMicros = now * 1000;
      // One that cannot be read is replaced: nobody can use it.
      const { record } = reduce(stored && decode(stored.value), act, { ...OPERATOR, nowMicros, server, title, late: LATE_MS });
      const revision = stored?.revision ?? '';
      const next = record && { revision: nextRevision(revision, nowMicros, OPERATOR.process), value: encode(record) };
      const written = await this.#store.compareAndSet(name, { revision, server, notAfter: now + LATE_MS }, next, record === undefined ? 1 : lastsMs(record, now));
      if (written.done) return;
      ({ now, server, stored } = written);
    }
    throw new Failure(`the record of ${operation} changes all the time: try again`);
  }

  /** The names of a shard's records. `SCAN` may find a key more than once. */
  async #namesIn(shard: string): Promise<string[]> {
    const start = shardPrefix(this.prefix, shard);
    const names = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = (await this.redis.eval(SCAN, [start], [cursor, `${start}*`])) as [unknown, unknown[]];
      for (const key of keys) names.add(String(key).slice(start.length));
      cursor = String(next);
    } while (cursor !== '0');
    return [...names].sort();
  }
}
