import { fields, optional, problems, when, type Check } from '../core/check';
import { flag, text } from '../core/options';
import { STALL_MS } from '../core/timer';
import type { RegistrySharing } from './registry-sharing';
import type { SharedRecord } from './shared-record';
import type { Expected, Stored, StoreMoment, Written } from './store';
import type { Reply } from './store-commands';
import { Timer } from './timer';

/** An answer, with the time it was asked for: of two, the one that was asked for later is newer. */
export type Moment = StoreMoment & { readonly sentAtMs: number };

/** Reads that are wanted within so many milliseconds go in one command. */
const GATHER_MS = 5;

/** The most records of one command. */
const MOST_AT_ONCE = 1000;

/** A test after a sign of life. */
const RETEST_MS = 200;

/** How much rarer tests become while a client keeps those before: nothing says that it ever lets go of them. */
const LONGEST_PAUSE_MS = 30_000;

const WRONG = 'is no answer of a store';
const moment = { now: when<number>(Number.isFinite, WRONG), server: text() };
const stored = optional(fields({ revision: text(), value: text() }, WRONG));
const readingOf = (count: number): Check<unknown> => fields({ ...moment, stored: when((given) => Array.isArray(given) && given.length === count && given.every((one) => problems(stored, one).length === 0), WRONG) }, WRONG);
const written = fields({ ...moment, done: flag(), stored }, WRONG);

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
  /** A read is under way, until then at the latest: where promises end with a request, nothing may come of it. */
  #readingUntilMs = -Infinity;
  #readAtMs = Infinity;
  #notBeforeMs = -Infinity;
  #lastTested: SharedRecord | undefined;
  readonly #wanted = new Set<SharedRecord>();
  /** For the next read, or the next test. */
  readonly #timer: Timer;

  constructor(
    readonly name: string,
    private readonly sharing: RegistrySharing,
  ) {
    this.#pauseMs = sharing.options.pollInterval;
    this.#timer = new Timer(sharing.timers);
  }

  /** The store's clock, as far as it is known: epoch milliseconds. */
  get nowMs(): number {
    return this.sharing.age.now() + this.#aheadMs;
  }

  get waiting(): number {
    return this.#wanted.size;
  }

  /** Reads a record with the next command that reads. */
  want(record: SharedRecord): void {
    if (!this.isUp) return;
    this.#wanted.add(record);
    this.#readBy(record.readableAtMs);
  }

  /** @returns Undefined: it is out of reach. */
  async write(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Reply<Written & Moment> | undefined> {
    return this.isUp ? this.#send(() => this.sharing.store.compareAndSet(name, expected, next, lastsMs), written) : undefined;
  }

  stop(): void {
    this.#wanted.clear();
    this.#timer.stop();
  }

  #readBy(readableAtMs: number): void {
    const { clock, isStopped } = this.sharing;
    const nowMs = clock.now();
    const atMs = Math.max(this.#notBeforeMs, readableAtMs);
    if (!this.isUp || isStopped || nowMs < this.#readingUntilMs || atMs >= this.#readAtMs) return;
    this.#readAtMs = atMs;
    this.#timer.start(Math.max(0, atMs - nowMs), () => {
      void this.#readWanted();
    });
  }

  async #readWanted(): Promise<void> {
    const nowMs = this.sharing.clock.now();
    const due = [...this.#wanted].filter(({ readableAtMs }) => readableAtMs <= nowMs);
    this.#readAtMs = Infinity;
    this.#notBeforeMs = nowMs + GATHER_MS;
    const trusted = due.filter(({ isSuspect }) => !isSuspect).slice(0, MOST_AT_ONCE);
    if (trusted.length > 0) await this.#read(trusted);
    for (const record of due) if (record.isSuspect && this.isUp) await this.#read([record]);
    this.#readNext();
  }

  #readNext(): void {
    this.#readingUntilMs = -Infinity;
    for (const record of this.#wanted) this.#readBy(record.readableAtMs);
  }

  async #read(records: readonly SharedRecord[], isTest = false): Promise<void> {
    const { clock, options, store } = this.sharing;
    for (const record of records) {
      this.#wanted.delete(record);
      record.isBeingRead();
    }
    this.#readingUntilMs = clock.now() + options.commandTimeout + STALL_MS;
    const reply = await this.#send(() => store.read(records.map(({ id }) => id)), readingOf(records.length), isTest);
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

  async #send<T extends StoreMoment>(command: () => Promise<T>, answers: Check<unknown>, isTest = false): Promise<Reply<T & Moment>> {
    const { commands, age } = this.sharing;
    const losses = this.#losses;
    const sentAtMs = age.now();
    const reply = await commands.send(() => this.#noted(command), answers);
    if ('answer' in reply) {
      this.#aheadMs = reply.answer.now - sentAtMs;
      if (isTest) this.#find();
      return { answer: { ...reply.answer, sentAtMs } };
    }
    if (isTest) this.#testLater(this.#pauseMs);
    else if (!reply.isRefused && losses === this.#losses) this.#lose(reply.error);
    return reply;
  }

  async #noted<T>(command: () => Promise<T>): Promise<T> {
    this.#pending++;
    try {
      const answer = await command();
      // A sign of life, when it was given up before.
      if (!this.isUp) this.#testLater(Math.min(RETEST_MS, this.sharing.options.pollInterval));
      return answer;
    } finally {
      this.#pending--;
    }
  }

  #lose(error: unknown): void {
    this.#losses++;
    this.isUp = false;
    this.error = error;
    this.#readAtMs = Infinity;
    this.#wanted.clear();
    this.#pauseMs = this.sharing.options.pollInterval;
    this.#testLater(this.#pauseMs);
    this.sharing.shardChanged(this);
  }

  #find(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#timer.stop();
    this.sharing.shardChanged(this);
  }

  #testLater(pauseMs: number): void {
    const { isStopped, options, random } = this.sharing;
    // A command that was under way at the end, or at a loss, may fail yet.
    if (isStopped || this.isUp) return;
    this.#timer.start(pauseMs * (0.8 + 0.4 * random()), () => {
      this.#pauseMs = this.#pending === 0 ? options.pollInterval : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      const record = this.#nextToTest();
      if (record === undefined) this.#testLater(this.#pauseMs);
      else void this.#read([record], true).then(() => { this.#readNext(); });
    });
  }

  /** Another one each time: one may be refused. */
  #nextToTest(): SharedRecord | undefined {
    const records = [...this.sharing.recordsOf(this)];
    const next = records[(records.indexOf(this.#lastTested as SharedRecord) + 1) % records.length];
    this.#lastTested = next;
    return next;
  }
}
