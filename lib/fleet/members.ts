import type { Clock } from '../core/clock';
import type { FleetStore } from './store';
import { decodeHeartbeat, participantsOf, type HeartbeatReading } from './heartbeat';
import type { Reply, StoreCommands } from './store-commands';

/** How long what was read of the other processes serves. */
const FRESH_MS = 1000;

/** A process counts as alive for so many poll intervals after its last heartbeat. */
const ALIVE_POLLS = 3;

/** By then, all processes have told what they take part in, when a store has lost that. */
const ALL_TOLD_POLLS = 2.5;

const LONGEST_PAUSE_MS = 30_000;

export interface MembersOptions {
  readonly process: string;
  readonly pollInterval: number;
}

/** The live processes of a fleet: tells them of this one, and knows what they tell. */
export class Members {
  /** The heartbeats of all, by process. */
  #heartbeats: ReadonlyMap<string, string> = new Map();
  #membersAtMs = -Infinity;
  #reading: Promise<void> | undefined;
  /** Since when the store has what processes told. */
  #sinceMs: number;
  #announcedAtMs = -Infinity;
  #isAnnouncing = false;
  #retryAtMs = -Infinity;
  #pauseMs = 0;

  constructor(
    private readonly store: FleetStore,
    private readonly commands: StoreCommands,
    private readonly clock: Clock,
    private readonly options: MembersOptions,
  ) {
    this.#sinceMs = clock.now();
  }

  get count(): number {
    return this.#heartbeats.size;
  }

  /** What the others tell. */
  *others(): Generator<[process: string, heartbeat: HeartbeatReading]> {
    for (const [process, text] of this.#heartbeats) {
      const heartbeat = process === this.options.process ? undefined : decodeHeartbeat(text);
      if (heartbeat !== undefined) yield [process, heartbeat];
    }
  }

  announce(value: string): void {
    const { clock, store, options } = this;
    if (this.#isAnnouncing || clock.now() < this.#retryAtMs) return;
    this.#isAnnouncing = true;
    const announce = async (): Promise<true> => {
      await store.announce(options.process, value, ALIVE_POLLS * options.pollInterval);
      return true;
    };
    void this.commands.send(announce, Boolean).then((reply) => {
      this.#isAnnouncing = false;
      if (this.#note(reply)) this.#announcedAtMs = clock.now();
    });
  }

  /** How many processes have had an outcome of a record lately, this one included; undefined when that is not known. */
  async participants(record: string): Promise<number | undefined> {
    const { clock, options } = this;
    if (clock.now() - this.#membersAtMs > FRESH_MS) await this.read();
    const isKnown = clock.now() - this.#membersAtMs <= FRESH_MS && clock.now() - this.#sinceMs > ALL_TOLD_POLLS * options.pollInterval;
    if (!isKnown) return undefined;
    const others = [...this.#heartbeats].filter(([process]) => process !== options.process).map(([, text]) => text);
    return participantsOf(record, others) + 1;
  }

  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { clock, store, options } = this;
    if (clock.now() < this.#retryAtMs) return;
    const reply = await this.commands.send(
      () => store.members(),
      (answer) => answer instanceof Map,
    );
    if (!this.#note(reply)) return;
    const nowMs = clock.now();
    this.#membersAtMs = nowMs;
    this.#heartbeats = reply.answer;
    // The store has lost what was told, of this process and so of others.
    if (nowMs - this.#announcedAtMs < 2 * options.pollInterval && !this.#heartbeats.has(options.process)) this.#sinceMs = nowMs;
  }

  /** After a command that failed, the next ones are ever rarer. */
  #note<T>(reply: Reply<T>): reply is { readonly answer: T } {
    const isAnswered = 'answer' in reply;
    this.#pauseMs = isAnswered ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(this.options.pollInterval, this.#pauseMs * 2));
    this.#retryAtMs = this.clock.now() + this.#pauseMs;
    return isAnswered;
  }
}
