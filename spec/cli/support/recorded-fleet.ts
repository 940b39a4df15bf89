import type { Command, Context } from '../../../lib/fleet/command';
import { encodeHeartbeat, type Apart, type SharedOperation } from '../../../lib/fleet/heartbeat';
import { decode, encode, lastsMs, nextRevision, type Record } from '../../../lib/fleet/record';
import { reduce } from '../../../lib/fleet/reduce';
import { sharedName } from '../../../lib/fleet/shared-name';
import type { FleetStore } from '../../../lib/fleet/store';

/** What a process says of itself, for short. */
interface Beat {
  readonly operations?: readonly string[];
  readonly keyed?: readonly string[];
  readonly settings?: string;
  readonly takesPart?: readonly (readonly [operation: string, key?: string])[];
  readonly apart?: readonly (readonly [operation: string, as: Apart, key?: string])[];
}

/** A fleet of which there is what it wrote into its store. */
export class RecordedFleet {
  constructor(readonly store: FleetStore) {}

  /** What one of its processes does to a record. */
  async apply(operation: string, command: Command, { key, ...context }: Partial<Context> & { readonly key?: string } = {}): Promise<void> {
    const name = sharedName(operation, key);
    const { now, server, stored: [stored] } = await this.store.read([name]);
    const { record } = reduce(stored && decode(stored.value), command, { process: 'pod-1', nowMicros: now * 1000, server, lease: 10, late: 0, ...context });
    const revision = stored?.revision ?? '';
    const next = record && { revision: nextRevision(revision, now * 1000, 'spec'), value: encode(record) };
    await this.store.compareAndSet(name, { revision, server, notAfter: now + 60_000 }, next, record === undefined ? 1 : lastsMs(record, now));
  }

  async record(operation: string, key?: string): Promise<Record | undefined> {
    const { stored: [stored] } = await this.store.read([sharedName(operation, key)]);
    return stored && decode(stored.value);
  }

  async beat(process: string, { operations = [], keyed = [], settings = '{}', takesPart = [], apart = [] }: Beat): Promise<void> {
    const told = [...operations.map((name) => [name, false] as const), ...keyed.map((name) => [name, true] as const)];
    const text = encodeHeartbeat({
      takesPart: takesPart.map(([operation, key]) => sharedName(operation, key)),
      operations: new Map(told.map(([name, isKeyed]): [string, SharedOperation] => [name, { settings, isKeyed }])),
      apart: new Map(apart.map(([operation, as, key]) => [sharedName(operation, key), as])),
    });
    await this.store.announce(process, text, 60_000);
  }
}

export const vote = (lasts: number, min = 1, error?: string): Command => ({ kind: 'vote', epoch: 0, lasts, quorum: { min, ratio: 0 }, error });
