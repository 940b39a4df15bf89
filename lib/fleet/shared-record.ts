import { LocalTimes } from './local-times';
import { decode, encode, isQuiet, lastsMs, NO_RECORD, nextRevision, revisionMicros, type Deadline, type Record } from './record';
import type { Command, Reduced } from './command';
import { reduce } from './reduce';
import type { Moment, Shard } from './shard';
import type { Sharing } from './sharing';
import type { Stored, Written } from './store';

/** What a change of a record depends on, or who is told of it. */
interface UpdateTraits {
  /** How many processes take part. */
  readonly participants?: number | undefined;
  /** Told when it was written though it had been given up. */
  readonly late?: () => void;
}

/** What a record leaves to the breaker it is of. */
export interface RecordOwner {
  /** The name of the breaker, where that of the record does not tell it. */
  readonly title: string | undefined;
  /** The record has been read or written. @param isOther - Its epoch is another one. */
  follow(record: Record, isOther: boolean): void;
  /** It cannot be used, or can again. */
  recordChanged(): void;
}

/** The least time between two reads of a record that messages ask for. */
const READ_GAP_MS = 50;

/** When a record that the store refuses is tried again. */
const SHORTEST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

/** One of those who write at once succeeds each time. */
const MOST_CONFLICTS = 50;

/** A revision further ahead of all clocks is a forgery. */
const FUTURE_MS = 60_000;

/** The record of one breaker: what the store had last, and the way to change it. */
export class SharedRecord {
  /** The newest that was in the store. One that has lost it takes it from here. */
  seen: Record = NO_RECORD;
  /** What is in the store, as far as is known; undefined: nothing is kept. */
  present: Record | undefined;
  /** When it may be read, by the clock of timers. */
  readableAtMs = -Infinity;
  /** Why the store refuses it. */
  refusal: { readonly error: unknown } | undefined;
  /** What was refused last, and has not been done since. */
  #refusedBy: 'read' | 'write' | undefined;
  #pauseMs = 0;
  /** Undefined until it has been read. */
  #revision: string | undefined;
  #server = '';
  /** When the answer was asked for that tells all this. */
  #sentAtMs = -Infinity;
  /** A message told of another revision. */
  #isHeardOf = false;
  #isRestoring = false;
  #turn: Promise<unknown> = Promise.resolve();
  #readers: (() => void)[] = [];
  readonly #times = new LocalTimes();

  constructor(
    readonly id: string,
    readonly shard: Shard,
    private readonly owner: RecordOwner,
    private readonly sharing: Sharing,
  ) {}

  get isUsable(): boolean {
    return this.shard.isUp && this.refusal === undefined;
  }

  get isRead(): boolean {
    return this.#revision !== undefined;
  }

  /** It is read alone, for it would have the whole batch refused. */
  get isSuspect(): boolean {
    return this.#refusedBy === 'read';
  }

  /** Milliseconds until a deadline, by this process's clock. */
  left(deadline: Deadline | undefined): number {
    return deadline === undefined ? 0 : this.#times.left(deadline, this.shard.nowMs, this.sharing.age.now());
  }

  /** There is another revision in the store, says a message that may be forged. @returns Whether that can be. */
  heard(revision: string): boolean {
    const micros = revisionMicros(revision);
    const known = revisionMicros(this.#revision ?? '');
    if (revision !== '' && (micros === 0 || micros > Math.max(known, this.shard.nowMs * 1000) + FUTURE_MS * 1000)) return false;
    // Who has voted matters to who votes, and is in the answer then.
    if (isQuiet(revision)) return true;
    if (revision === '' ? this.#revision !== '' : micros > known) {
      this.#isHeardOf = true;
      this.shard.want(this);
    }
    return true;
  }

  isBeingRead(): void {
    if (!this.#isHeardOf) return;
    this.#isHeardOf = false;
    this.readableAtMs = this.sharing.clock.now() + READ_GAP_MS;
  }

  /** Takes over what the store has. */
  take(stored: Stored | undefined, moment: Moment): void {
    const record = stored && decode(stored.value);
    if (stored !== undefined && record === undefined) {
      this.refused(new Error('something else is where the record of the breaker should be'), 'read');
      return;
    }
    this.#accepted('read');
    if (moment.sentAtMs >= this.#sentAtMs) this.#know(stored?.revision ?? '', record, moment);
  }

  refused(error: unknown, by: 'read' | 'write'): void {
    const wasUsable = this.refusal === undefined;
    this.refusal = { error };
    this.#refusedBy = by;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, this.#pauseMs * 2));
    this.readableAtMs = this.sharing.clock.now() + this.#pauseMs;
    this.#wakeReaders();
    if (wasUsable) this.owner.recordChanged();
  }

  /**
   * Changes the record: reduces what is there, and writes it if nobody else has meanwhile. One command at a time.
   *
   * @param command - Asked for when its turn has come.
   * @returns Undefined: the store is away, or refuses.
   */
  update(command: () => Command, traits: UpdateTraits = {}): Promise<Reduced | undefined> {
    const turn = this.#turn.then(() => this.#carryOut(command(), traits));
    this.#turn = turn;
    return turn;
  }

  async #carryOut(command: Command, { participants, late }: UpdateTraits): Promise<Reduced | undefined> {
    if (this.#revision === undefined && this.isUsable) await this.#firstRead();
    for (let conflicts = 0; conflicts < MOST_CONFLICTS && this.#revision !== undefined && this.isUsable; conflicts++) {
      const { present, owner, shard, sharing } = this;
      const nowMicros = Math.floor(shard.nowMs * 1000);
      const { process, writer, options } = sharing;
      const left = (deadline: Deadline): number => this.left(deadline);
      const reduced = reduce(present, command, { process, lease: options.lease, late: options.commandTimeout, title: owner.title, nowMicros, server: this.#server, seen: this.seen, participants, left });
      if (reduced.record === present) return reduced;
      const next = reduced.record && { revision: nextRevision(this.#revision, nowMicros, writer, reduced.record.epoch === (present?.epoch ?? 0) && command.kind === 'vote'), value: encode(reduced.record) };
      const lasts = reduced.record === undefined ? 1 : lastsMs(reduced.record, shard.nowMs);
      const expected = { revision: this.#revision, server: this.#server, notAfter: shard.nowMs + options.commandTimeout };
      const reply = await shard.write(this.id, expected, next, lasts, ({ done }: Written) => {
        if (done) late?.();
      });
      if (reply === undefined || !('answer' in reply)) {
        if (reply?.isRefused === true) this.refused(reply.error, 'write');
        return undefined;
      }
      if (reply.answer.done) {
        this.#accepted('write');
        this.#know(next?.revision ?? '', reduced.record, reply.answer);
        return reduced;
      }
      this.take(reply.answer.stored, reply.answer);
    }
    return undefined;
  }

  #firstRead(): Promise<void> {
    this.shard.want(this);
    return new Promise((resolve) => {
      this.#readers.push(resolve);
    });
  }

  /** Lets those go on who wait for the first read: it has come, or does not. */
  #wakeReaders(): void {
    for (const wake of this.#readers.splice(0)) wake();
  }

  /** The shard is out of reach. */
  lost(): void {
    this.#wakeReaders();
  }

  #accepted(by: 'read' | 'write'): void {
    // What can be read and not be written is tried ever more rarely.
    if (by === this.#refusedBy) {
      this.#pauseMs = 0;
      this.#refusedBy = undefined;
    }
    if (this.refusal === undefined) return;
    this.refusal = undefined;
    this.owner.recordChanged();
  }

  #know(revision: string, record: Record | undefined, { now, server, sentAtMs }: Moment): void {
    this.#revision = revision;
    this.#server = server;
    this.#sentAtMs = sentAtMs;
    this.present = record;
    this.#times.see(record ?? NO_RECORD, now, this.sharing.age.now());
    const { epoch } = record ?? NO_RECORD;
    const isOther = epoch > this.seen.epoch;
    if (epoch >= this.seen.epoch) {
      this.seen = record ?? NO_RECORD;
      this.owner.follow(this.seen, isOther);
    } else this.#restore();
    this.#wakeReaders();
  }

  /** Gives the store what it has lost. */
  #restore(): void {
    const { state, override } = this.seen;
    if (this.#isRestoring || (state === 'closed' && this.left(override?.until) === 0)) return;
    this.#isRestoring = true;
    void this.update(() => ({ kind: 'restore' })).then(() => {
      this.#isRestoring = false;
    });
  }
}
