import { fields, list, optional, problems, when, type Check, type Checked, type Entries, type Options } from '../core/check';
import { flag, oneOf, text } from '../core/options';

/** Milliseconds that never pass. Not `Infinity`, which JSON does not have. */
export const FOREVER = 1e15;

/** How long a record is kept for processes that have not seen the last transition. Milliseconds. */
export const RETENTION_MS = 600_000;

const wrong = 'is not what this version writes';
const number = when<number>((given) => typeof given === 'number' && given >= 0 && given <= Number.MAX_SAFE_INTEGER, wrong);
const whole = when<number>((given) => Number.isSafeInteger(given) && (given as number) >= 0, wrong);
const part = <E extends Entries>(entries: E): Check<Readonly<Options<E>>> => fields(entries, wrong);
const listOf = <T>(each: Check<T>): Check<readonly T[]> => list(each, wrong);

const deadlineEntries = {
  /** Epoch milliseconds by the store's clock; {@link FOREVER}: never. */
  at: number,
  /** Milliseconds that were left when it was set. */
  given: number,
};
const deadline = part(deadlineEntries);

/** When something ends. The clock of a server may be set; so the time goes with the most that there is to wait. */
export type Deadline = Checked<typeof deadline>;

const vote = part({
  ...deadlineEntries,
  process: text(),
  /** The text of its last error, ≤ 200 characters; only the first few votes have one. */
  error: optional(text()),
});

/** A process has opened the breaker by its own calls, and has it open so long. */
export type Vote = Checked<typeof vote>;

const lease = part({
  ...deadlineEntries,
  slot: text(),
  /** Held for the next call: no probe runs. */
  idle: optional(flag()),
});

/** A probe slot that is held. */
export type Lease = Checked<typeof lease>;

const override = part({ kind: oneOf('forced_open', 'disabled', 'shadow'), until: deadline, reason: optional(text()) });

/** An operator's override of the breaker in all processes. */
export type RecordedOverride = Checked<typeof override>;

const counts = part({
  /** When they began, in epoch microseconds: names them to processes that succeed later. */
  since: whole,
  /** Failures in a row. */
  streak: whole,
  /** The oldest first, each with the epoch milliseconds of its first report; for a window only. */
  buckets: listOf(part({ at: number, calls: number, failures: number, slow: number })),
  /** They reach the limit: the breaker opens then, unless a process tells of successes before. */
  decision: optional(deadline),
});

/** The counts of all processes together. */
export type PooledCounts = Checked<typeof counts>;

const schema = part({
  /** Grows with every transition, also across a loss of the store: at least the time in microseconds. 0: none yet. */
  epoch: whole,
  state: oneOf('closed', 'open', 'half_open'),
  /** When an open breaker is due for a probe; only while it is open. */
  openUntil: optional(deadline),
  /** How often it has opened again since it was last closed. */
  reopenings: whole,
  /** The slots of probes that succeeded in this half-open period. */
  succeeded: listOf(text()),
  /** No slot is given before: a probe that the record does not know may still run. */
  quarantineUntil: optional(deadline),
  override: optional(override),
  /** The act of an operator that closed it. */
  closedBy: optional(oneOf('close', 'reset')),
  /** Which run of a server made the last transition, or gave the first slot: another one may not know of all slots. */
  server: text(),
  /** While it is closed: who has it open by its own calls. Then: who had, or whose probe failed, when it opened. */
  votes: listOf(vote),
  leases: listOf(lease),
  /** A process wants the slot that another one holds for its next call. */
  wanted: flag(),
  counts: optional(counts),
  /** The name of the breaker for people, where that of the record does not tell it. */
  title: optional(text()),
});

/** The state of one breaker in the store, as one value. A breaker that was closed long since has none. */
export type Record = Checked<typeof schema>;

/** Stands for a record that does not exist: its breaker is closed. */
export const NO_RECORD: Record = { epoch: 0, state: 'closed', reopenings: 0, succeeded: [], server: '', votes: [], leases: [], wanted: false };

export function encode(record: Record): string {
  return JSON.stringify(record);
}

/** What `encode` made. Undefined for anything else: the record cannot be used, and others can. */
export function decode(value: string): Record | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return problems(schema, parsed).length === 0 ? (parsed as Record) : undefined;
  } catch {
    return undefined;
  }
}

/** Every deadline of a record. */
export function deadlinesOf({ openUntil, quarantineUntil, override, votes, leases, counts }: Record): Deadline[] {
  return [openUntil, quarantineUntil, override?.until, counts?.decision, ...votes, ...leases].filter((one) => one !== undefined);
}

/** Milliseconds until a deadline, for who sees it for the first time: never more than were given. */
export function leftAt({ at, given }: Deadline, nowMs: number): number {
  if (given >= FOREVER) return FOREVER;
  return Math.max(0, Math.min(at - nowMs, given));
}

/** How long a store must keep a record. Milliseconds. */
export function lastsMs(record: Record, nowMs: number): number {
  const longest = Math.max(1, ...deadlinesOf(record).map((deadline) => leftAt(deadline, nowMs)));
  // Votes and counts that came to nothing leave nothing behind. A transition is kept for those who have not seen it.
  const isLasting = record.epoch > 0 || record.counts !== undefined;
  return Math.min(FOREVER, longest + (isLasting ? RETENTION_MS : 0));
}

/**
 * The revision of the next write: later than the one that it replaces, and no other process's. Begins with the time in microseconds.
 *
 * @param isQuiet - Nobody need read it at once.
 */
export function nextRevision(previous: string, nowMicros: number, writer: string, isQuiet = false): string {
  return `${Math.max(Math.floor(nowMicros), revisionMicros(previous) + 1).toString(36)}.${writer}${isQuiet ? QUIET : ''}`;
}

export function isQuiet(revision: string): boolean {
  return revision.endsWith(QUIET);
}

const QUIET = '-';

/** The time of a revision, in microseconds; 0 when it tells none. */
export function revisionMicros(revision: string): number {
  const micros = parseInt(/^[0-9a-z]{1,11}(?=\.)/.exec(revision)?.[0] ?? '', 36);
  return Number.isSafeInteger(micros) ? micros : 0;
}

/** Whole milliseconds; without end: {@link FOREVER}. */
export function wireMs(ms: number): number {
  return Math.min(FOREVER, Math.max(0, Math.ceil(ms)));
}
