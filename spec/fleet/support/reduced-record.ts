import type { Command, Context, NewOverride, Quorum, Reduced } from '../../../lib/fleet/command';
import { LocalTimes } from '../../../lib/fleet/local-times';
import type { Counts, Limits } from '../../../lib/fleet/pooled-counts';
import { decode, encode, leftAt, type Record } from '../../../lib/fleet/record';
import { reduce } from '../../../lib/fleet/reduce';

export const LEASE = 1000;
/** How long others may object to what pooled counts have come to. */
export const HEARING = 200;
/** One vote opens. */
export const ANY: Quorum = { min: 1, ratio: 0 };

/** What came of a command, and what the breaker is like then. */
export interface Outcome extends Omit<Reduced, 'record'> {
  readonly epoch: number;
  readonly state: Record['state'];
  /** Milliseconds that it stays open yet. */
  readonly remaining: number;
  readonly reopenings: number;
  /** Who has it open by its own calls. */
  readonly voters: readonly string[];
  readonly override: { readonly kind: string; readonly remaining: number } | undefined;
  readonly isWritten: boolean;
}

/** One record in a store, the store's clock, the monotonic clock of all, and processes that write the record one after another. */
export class ReducedRecord {
  record: Record | undefined;
  nowMs = 1_000_000_000;
  localMs = 0;
  server = 'primary';

  process(name: string): Sender {
    return new Sender(this, name);
  }

  passes(ms: number): void {
    this.nowMs += ms;
    this.localMs += ms;
  }

  /** The clock of the server is set. */
  jumps(ms: number): void {
    this.nowMs += ms;
  }

  /** Everything is lost, as when it is started again without its data. */
  loses(): void {
    this.record = undefined;
  }
}

export class Sender {
  seen: Record | undefined;
  participants: number | undefined = 3;
  lease = LEASE;
  /** Whether it remembers when it first saw a deadline. */
  remembers = false;
  readonly #times = new LocalTimes();

  constructor(
    private readonly store: ReducedRecord,
    readonly name: string,
  ) {}

  get epoch(): number {
    return this.seen?.epoch ?? 0;
  }

  /** Reads the record, and gives back what is lost. What is confirmed only gets newer. */
  reads(): Outcome {
    return this.send({ kind: 'restore' });
  }

  send(command: Command, more: Partial<Context> = {}): Outcome {
    const { store, name, lease, participants } = this;
    const before = store.record;
    if (before !== undefined) this.#learns(before);
    const { record, done, restored, wait } = reduce(before, command, {
      process: name, nowMicros: Math.round(store.nowMs * 1000), server: store.server, lease, late: 0, participants, seen: this.seen, ...(this.remembers && { left: this.#left }), ...more,
    });
    // As it goes over the wire.
    const isWritten = record !== before;
    if (isWritten) store.record = record && decode(encode(record));
    if (isWritten && record !== undefined && store.record === undefined) throw new Error(`it cannot read what it has written: ${encode(record)}`);
    if (store.record !== undefined) this.#learns(store.record);
    return { done, restored, wait, isWritten, ...this.#view() };
  }

  vote(quorum: Quorum, { lasts = 100, error, epoch = this.epoch, participants = this.participants }: { lasts?: number; error?: string; epoch?: number; participants?: number | undefined } = {}): Outcome {
    return this.send({ kind: 'vote', epoch, lasts, quorum, error }, { participants });
  }

  report(counts: Partial<Counts>, limits: Limits, { after, error, epoch = this.epoch }: { after?: number | undefined; error?: string; epoch?: number } = {}): Outcome {
    return this.send({ kind: 'report', epoch, counts: { calls: 0, failures: 0, slow: 0, streak: 0, ...counts }, limits, openFor: 100, hearing: HEARING, after, error });
  }

  acquire(slot: string, { probes = 1, successes = 1 } = {}): Outcome {
    return this.send({ kind: 'acquire', slot, probes, successes });
  }

  renew(slot: string, idle?: boolean): Outcome {
    return this.send({ kind: 'renew', slot, idle });
  }

  release(slot: string): Outcome {
    return this.send({ kind: 'release', slot });
  }

  succeeds(slot: string, successes = 1, epoch = this.epoch): Outcome {
    return this.send({ kind: 'result', slot, epoch, success: true, successes, openFor: 100 });
  }

  fails(slot: string, openFor = 100, { epoch = this.epoch, error }: { epoch?: number; error?: string } = {}): Outcome {
    return this.send({ kind: 'result', slot, epoch, success: false, successes: 1, openFor, error });
  }

  lays(override: NewOverride): Outcome {
    return this.send({ kind: 'force', act: 'override', override });
  }

  forces(act: 'clear' | 'close' | 'reset'): Outcome {
    return this.send({ kind: 'force', act });
  }

  readonly #left = (deadline: { at: number; given: number }): number => this.#times.left(deadline, this.store.nowMs, this.store.localMs);

  #learns(record: Record): void {
    this.#times.see(record, this.store.nowMs, this.store.localMs);
    if (record.epoch >= this.epoch) this.seen = record;
  }

  #view(): Omit<Outcome, 'done' | 'restored' | 'wait' | 'isWritten'> {
    const { record, nowMs } = this.store;
    const left = this.remembers ? this.#left : (deadline: { at: number; given: number }) => leftAt(deadline, nowMs);
    const override = record?.override;
    return {
      epoch: record?.epoch ?? 0,
      state: record?.state ?? 'closed',
      remaining: record?.openUntil === undefined ? 0 : left(record.openUntil),
      reopenings: record?.reopenings ?? 0,
      voters: (record?.votes ?? []).filter((vote) => left(vote) > 0).map(({ process }) => process),
      override: override && left(override.until) > 0 ? { kind: override.kind, remaining: left(override.until) } : undefined,
    };
  }
}
