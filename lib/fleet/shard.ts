import { STALL_MS } from '../core/timer';
import type { AgeClock, Clock } from '../core/clock';
import { isRecord } from '../core/options';
import type { Random } from '../core/random';
import type { Expected, FleetStore, Reading, Stored, StoreMoment, Written } from './store';
import { Timer } from './timer';
import type { SharedRecord } from './shared-record';
import type { Reply, StoreCommands } from './store-commands';

/** An answer, with the time it was asked for: of two, the one that was asked for later is newer. */
export type Moment = StoreMoment & { readonly sentAtMs: number };

/** What shards have in common, and what they leave to others. */
export interface ShardHome {
  readonly store: FleetStore;
  readonly commands: StoreCommands;
  readonly clock: Clock;
  readonly age: AgeClock;
  readonly random: Random;
  readonly pollInterval: number;
  readonly isStopped: boolean;
  /** It is out of reach now, or can be reached again. */
  shardChanged(shard: Shard): void;
  recordsOf(shard: Shard): Iterable<SharedRecord>;
}

/** Reads that are wanted within so many milliseconds go in one command. */
const GATHER_MS = 5;

/** The most records of one command. */
const MOST_AT_ONCE = 1000;

/** A test after a sign of life. */
const RETEST_MS = 200;

/** How much rarer tests become while a client keeps those before: nothing says that it ever lets go of them. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Records that are read by one command, and are out of reach together. A command that is not answered in time, or fails without a refusal, ends it:
 * until it is reached again, a test now and then is all that is sent. So what piles up in a client is what was under way, and a few tests.
 */
export class Shard {
  isUp = true;
  /** Why it is out of reach. */
  error: unknown;
  /** The store's clock over ours, in milliseconds: the most that it can be, so that no deadline that is written ends too early. */
  #aheadMs = 0;
  /** An answer to what was sent before a loss is no proof that the shard is back. */
  #losses = 0;
  /** Commands that the client has not settled. */
  #pending = 0;
  #pauseMs: number;
  /** A read is under way until then at the latest: nothing may follow on it where its request has ended. */
  #readingUntilMs = -Infinity;
  #readAtMs = Infinity;
  #notBeforeMs = -Infinity;
  #lastTested: SharedRecord | undefined;
  readonly #wanted = new Set<SharedRecord>();
  readonly #readTimer: Timer;
  readonly #testTimer: Timer;

  constructor(
    readonly name: string,
    private readonly home: ShardHome,
  ) {
    this.#pauseMs = home.pollInterval;
    this.#readTimer = new Timer(home.clock);
    this.#testTimer = new Timer(home.clock);
  }

  /** The store's clock, as far as it is known: epoch milliseconds. */
  get nowMs(): number {
    return this.home.age.now() + this.#aheadMs;
  }

  get waiting(): number {
    return this.#wanted.size;
  }

  /** Reads a record with the next command that reads. */
  want(record: SharedRecord): void {
    if (!this.isUp) return;
    this.#wanted.add(record);
    this.#readBy(Math.max(this.#notBeforeMs, record.readableAtMs));
  }

  /** @returns Undefined: it is out of reach. */
  async write(name: string, expected: Expected, next: Stored | undefined, lastsMs: number, late?: (answer: Written) => void): Promise<Reply<Written & Moment> | undefined> {
    return this.isUp ? this.#send(() => this.home.store.compareAndSet(name, expected, next, lastsMs), isWritten, late) : undefined;
  }

  stop(): void {
    this.#wanted.clear();
    this.#readTimer.stop();
    this.#testTimer.stop();
  }

  #readBy(atMs: number): void {
    if (!this.isUp || this.home.clock.now() < this.#readingUntilMs || atMs >= this.#readAtMs || this.home.isStopped) return;
    this.#readAtMs = atMs;
    this.#readTimer.start(Math.max(0, atMs - this.home.clock.now()), () => {
      void this.#readWanted();
    });
  }

  async #readWanted(): Promise<void> {
    const { clock } = this.home;
    const nowMs = clock.now();
    const due = [...this.#wanted].filter(({ readableAtMs }) => readableAtMs <= nowMs);
    this.#readAtMs = Infinity;
    this.#notBeforeMs = nowMs + GATHER_MS;
    const trusted = due.filter(({ isSuspect }) => !isSuspect).slice(0, MOST_AT_ONCE);
    if (trusted.length > 0) await this.#read(trusted);
    for (const record of due) if (record.isSuspect && this.isUp) await this.#read([record]);
    this.#readingUntilMs = -Infinity;
    this.#readNext();
  }

  #readNext(): void {
    this.#readAtMs = Infinity;
    if (this.#wanted.size === 0) return;
    const earliest = [...this.#wanted].reduce((least, { readableAtMs }) => Math.min(least, readableAtMs), Infinity);
    this.#readBy(Math.max(this.#notBeforeMs, earliest));
  }

  async #read(records: readonly SharedRecord[], isTest = false): Promise<void> {
    for (const record of records) {
      this.#wanted.delete(record);
      record.isBeingRead();
    }
    this.#readingUntilMs = this.home.clock.now() + this.home.commands.timeoutMs + STALL_MS;
    const names = records.map(({ id }) => id);
    const reply = await this.#send(() => this.home.store.read(names), isReadingOf(names.length), undefined, isTest);
    if ('answer' in reply) {
      const { stored, ...moment } = reply.answer;
      if (this.isUp) records.forEach((record, index) => { record.take(stored[index], moment); });
    } else if (reply.isRefused && records.length > 1) {
      await this.#readOneByOne(records, reply.error);
    } else if (reply.isRefused) {
      records[0]?.refused(reply.error, 'read');
    }
  }

  /** The refusal of a batch does not say of which record. When it is of all, it is the shard that cannot be used. */
  async #readOneByOne(records: readonly SharedRecord[], error: unknown): Promise<void> {
    for (const record of records) if (this.isUp) await this.#read([record]);
    if (this.isUp && records.every(({ isUsable }) => !isUsable)) this.#lose(error);
  }

  async #send<T extends StoreMoment>(command: () => Promise<T>, isAnswer: (answer: T) => boolean, late?: (answer: T) => void, isTest = false): Promise<Reply<T & Moment>> {
    const { commands, age } = this.home;
    const losses = this.#losses;
    const sentAtMs = age.now();
    this.#pending++;
    const reply = await commands.send(command, isAnswer, (answer) => {
      this.#pending--;
      if (answer === undefined) return;
      late?.(answer);
      // A sign of life.
      if (!this.isUp) this.#testLater(Math.min(RETEST_MS, this.home.pollInterval));
    });
    if ('answer' in reply) {
      this.#pending--;
      this.#aheadMs = reply.answer.now - sentAtMs;
      if (isTest) this.#find();
      return { answer: { ...reply.answer, sentAtMs } };
    }
    if (!reply.isGivenUp) this.#pending--;
    if (isTest) this.#testLater(this.#pauseMs);
    else if (!reply.isRefused && losses === this.#losses) this.#lose(reply.error);
    return reply;
  }

  #lose(error: unknown): void {
    this.#losses++;
    this.isUp = false;
    this.error = error;
    this.#readTimer.stop();
    this.#readAtMs = Infinity;
    this.#wanted.clear();
    this.#pauseMs = this.home.pollInterval;
    this.#testLater(this.#pauseMs);
    this.home.shardChanged(this);
  }

  #find(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#testTimer.stop();
    this.home.shardChanged(this);
  }

  #testLater(pauseMs: number): void {
    const { home } = this;
    // A command that was under way at the end may fail yet.
    if (home.isStopped) return;
    this.#testTimer.start(pauseMs * (0.8 + 0.4 * home.random()), () => {
      this.#pauseMs = this.#pending === 0 ? home.pollInterval : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      const record = this.#nextToTest();
      if (record === undefined) this.#testLater(this.#pauseMs);
      else void this.#read([record], true);
    });
  }

  /** Another one each time: one may be refused. */
  #nextToTest(): SharedRecord | undefined {
    const records = [...this.home.recordsOf(this)];
    const next = records[(records.indexOf(this.#lastTested as SharedRecord) + 1) % records.length];
    this.#lastTested = next;
    return next;
  }
}

function isMoment(answer: StoreMoment): boolean {
  return isRecord(answer) && Number.isFinite(answer.now) && typeof answer.server === 'string';
}

function isStored(stored: Stored | undefined): boolean {
  return stored === undefined || (isRecord(stored) && typeof stored.revision === 'string' && typeof stored.value === 'string');
}

function isReadingOf(count: number) {
  return (answer: Reading): boolean => isMoment(answer) && Array.isArray(answer.stored) && answer.stored.length === count && answer.stored.every(isStored);
}

function isWritten(answer: Written): boolean {
  return isMoment(answer) && typeof answer.done === 'boolean' && isStored(answer.stored);
}
