import type { Apart } from '../fleet/heartbeat';
import { FOREVER, leftAt, NO_RECORD, type Deadline, type Record } from '../fleet/record';
import { isWhole, readSharedName, sharedName } from '../fleet/shared-name';
import type { Look } from './fleet';

/** A breaker of the fleet, as `status` shows it. Times are milliseconds from now; null: never. */
export interface BreakerStatus {
  readonly operation: string;
  readonly key?: string | undefined;
  /** The record cannot be read: of another version, or written by somebody else. */
  readonly unreadable?: true;
  readonly state: Record['state'];
  /** How often it has opened again since it was last closed. */
  readonly reopenings: number;
  /** While it is closed: who has it open by its own calls. Else: who opened it. */
  readonly votes: readonly { readonly process: string; readonly error?: string | undefined }[];
  /** Processes that share it, and those of them that had an outcome of it within the last open time. */
  readonly processes: number;
  readonly takingPart: number;
  /** Until a call may try whether the dependency is back, 0 when one may now; null while it is closed. */
  readonly nextProbe: number | null;
  readonly probes: { readonly running: number; readonly succeeded: number };
  readonly override?: { readonly kind: string; readonly remaining: number | null; readonly reason?: string | undefined } | undefined;
  /** Processes that have it otherwise than the fleet. */
  readonly apart: readonly { readonly process: string; readonly as: Apart }[];
  /** The options that processes give it, when they differ. */
  readonly settings?: readonly { readonly settings: string; readonly processes: readonly string[] }[] | undefined;
}

/** All breakers that are known: of records, and of what processes tell. */
export function statusesOf(look: Look): BreakerStatus[] {
  const heartbeats = look.processes.flatMap(({ heartbeat }) => heartbeat ?? []);
  const names = new Set([...look.records.keys(), ...heartbeats.flatMap(({ apart }) => [...apart.keys()])]);
  const keyed = new Set([...names].map(readSharedName).flatMap(({ operation, key }) => (key === undefined ? [] : operation)));
  // Of keys that are well nothing is known: where there is none, the operation stands for all.
  for (const operation of heartbeats.flatMap(({ operations }) => [...operations.keys()])) if (!keyed.has(operation)) names.add(sharedName(operation));
  return Array.from(names, (name) => statusOf(name, look));
}

function statusOf(name: string, { records, processes, nowMs }: Look): BreakerStatus {
  const record = records.get(name) ?? NO_RECORD;
  const { state, reopenings, votes, leases, succeeded, override, openUntil, quarantineUntil, title } = record;
  const left = (deadline: Deadline | undefined): number => (deadline === undefined ? 0 : leftAt(deadline, nowMs));
  const named = isWhole(name) || title === undefined ? readSharedName(name) : { operation: title };
  const sharing = processes.filter(({ heartbeat }) => heartbeat?.operations.has(named.operation));
  const takingPart = processes.filter(({ heartbeat }) => heartbeat?.takesPartIn(name)).length;
  const settings = groupBy(sharing, ({ heartbeat }) => heartbeat?.operations.get(named.operation)?.settings ?? '');
  return {
    ...named,
    ...(records.has(name) && records.get(name) === undefined && { unreadable: true }),
    state,
    reopenings,
    votes: votes.filter((vote) => state !== 'closed' || left(vote) > 0).map(({ process, error }) => ({ process, error })),
    processes: Math.max(sharing.length, takingPart),
    takingPart,
    nextProbe: state === 'closed' ? null : orNever(Math.max(left(quarantineUntil), left(openUntil))),
    probes: { running: leases.filter((lease) => lease.idle !== true && left(lease) > 0).length, succeeded: succeeded.length },
    ...(override !== undefined && left(override.until) > 0 && { override: { kind: override.kind, remaining: orNever(left(override.until)), reason: override.reason } }),
    apart: processes.flatMap(({ id, heartbeat }) => (heartbeat?.apart.has(name) === true ? { process: id, as: heartbeat.apart.get(name)! } : [])),
    ...(settings.size > 1 && { settings: Array.from(settings, ([text, those]) => ({ settings: text, processes: those.map(({ id }) => id) })) }),
  };
}

/** In the order in which the groups begin. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function orNever(ms: number): number | null {
  return ms >= FOREVER ? null : Math.ceil(ms);
}
