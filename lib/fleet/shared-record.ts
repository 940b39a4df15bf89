import { LocalTimes } from './local-times';
import { decode, encode, isQuiet, lastsMs, NO_RECORD, nextRevision, revisionMicros, type Deadline, type Record } from './record';
import type { Command, Reduced } from './command';
import { reduce } from './reduce';
import type { Moment, Shard } from './shard';
import type { SharedBreaker } from './shared-breaker';
import { titleOf } from './shared-name';
import type { Stored } from './store';

/** The least time between two reads of a record that messages ask for. */
const READ_GAP_MS = 50;

/** When a record that the store refuses is tried again. */
const SHORTEST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

/** The server of a record that was not read yet: no server has this name. */
const UNREAD = '?';

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
  #revision = '';
  /** Until something has been read, no server's: the first write is refused, and its answer tells what there is. */
  #server = UNREAD;
  /** When the answer was asked for that tells all this. */
  #sentAtMs = -Infinity;
  /** A message told of another revision. */
  #isHeardOf = false;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #times = new LocalTimes();

  constructor(
    readonly id: string,
    readonly shard: Shard,
    private readonly shared: SharedBreaker,
  ) {}

  get isUsable(): boolean {
    return this.shard.isUp && this.refusal === undefined;
  }

  /** It is read alone, for it would have the whole batch refused. */
  get isSuspect(): boolean {
    return this.#refusedBy === 'read';
  }

  /** Milliseconds until a deadline, by this process's clock. */
  readonly left = (deadline: Deadline | undefined): number => {
    return deadline === undefined ? 0 : this.#times.left(deadline, this.shard.nowMs, this.shared.sharing.age.now());
  };

  /** There is another revision in the store, says a message that may be forged. @returns Whether that can be. */
  heard(revision: string): boolean {
    const micros = revisionMicros(revision);
    const known = revisionMicros(this.#revision);
    if (revision !== '' && (micros === 0 || micros > Math.max(known, this.shard.nowMs * 1000) + FUTURE_MS * 1000)) return false;
    const isNews = revision === '' ? this.#revision !== '' : micros > known && !isQuiet(revision);
    if (isNews) {
      this.#isHeardOf = true;
      this.shard.want(this);
    }
    return true;
  }

  isBeingRead(): void {
    if (this.#isHeardOf) this.readableAtMs = this.shared.sharing.clock.now() + READ_GAP_MS;
    this.#isHeardOf = false;
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
    const { sharing } = this.shared;
    const wasUsable = this.refusal === undefined;
    this.refusal = { error };
    this.#refusedBy = by;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, this.#pauseMs * 2));
    this.readableAtMs = sharing.clock.now() + this.#pauseMs;
    if (wasUsable) sharing.healthChanged();
  }

  /**
   * Changes the record: reduces what is there, and writes it if nobody else has meanwhile. One command at a time.
   *
   * @param command - Asked for when its turn has come.
   * @param participants - How many processes take part.
   * @returns Undefined: the store is away, or refuses.
   */
  update(command: () => Command, participants?: number): Promise<Reduced | undefined> {
    const turn = this.#turn.then(() => this.#carryOut(command(), participants));
    this.#turn = turn;
    return turn;
  }

  async #carryOut(command: Command, participants: number | undefined): Promise<Reduced | undefined> {
    const { shard, shared, left } = this;
    const { process, writer, options } = shared.sharing;
    const title = titleOf(shared.breaker);
    for (let conflicts = 0; conflicts < MOST_CONFLICTS && this.isUsable; conflicts++) {
      const { present, seen } = this;
      const nowMicros = Math.floor(shard.nowMs * 1000);
      const context = { process, lease: options.lease, late: options.commandTimeout, title, nowMicros, server: this.#server, seen, participants, left };
      const reduced = reduce(present, command, context);
      const { record } = reduced;
      // Nothing is to be changed, of what was read. Before the first answer, a write that is refused tells what there is.
      if (record === present && this.#server !== UNREAD) return reduced;
      const isQuiet = command.kind === 'vote' && record?.epoch === (present?.epoch ?? 0);
      const next = record && { revision: nextRevision(this.#revision, nowMicros, writer, isQuiet), value: encode(record) };
      const expected = { revision: this.#revision, server: this.#server, notAfter: shard.nowMs + options.commandTimeout };
      const reply = await shard.write(this.id, expected, next, record === undefined ? 1 : lastsMs(record, shard.nowMs));
      if (reply !== undefined && 'error' in reply && reply.isRefused) this.refused(reply.error, 'write');
      if (reply === undefined || 'error' in reply) return undefined;
      if (reply.answer.done) {
        this.#accepted('write');
        this.#know(next?.revision ?? '', record, reply.answer);
        return reduced;
      }
      this.take(reply.answer.stored, reply.answer);
    }
    return undefined;
  }

  #accepted(by: 'read' | 'write'): void {
    // What can be read and not be written is tried ever more rarely.
    if (by === this.#refusedBy) {
      this.#pauseMs = 0;
      this.#refusedBy = undefined;
    }
    if (this.refusal === undefined) return;
    this.refusal = undefined;
    this.shared.sharing.healthChanged();
  }

  #know(revision: string, record: Record | undefined, { now, server, sentAtMs }: Moment): void {
    const known = record ?? NO_RECORD;
    this.#revision = revision;
    this.#server = server;
    this.#sentAtMs = sentAtMs;
    this.present = record;
    this.#times.see(known, now, this.shared.sharing.age.now());
    const isOther = known.epoch > this.seen.epoch;
    if (known.epoch >= this.seen.epoch) {
      this.seen = known;
      this.shared.follow(known, isOther);
    } else {
      // Gives the store what it has lost.
      void this.update(() => ({ kind: 'restore' }));
    }
  }
}
