import { when } from '../core/check';
import { decodeHeartbeat, participantsOf, type HeartbeatReading } from './heartbeat';
import type { RegistrySharing } from './registry-sharing';
import type { Reply } from './store-commands';

/** How long what was read of the other processes serves. */
const FRESH_MS = 1000;

/** A process counts as alive for so many poll intervals after its last heartbeat. */
const ALIVE_POLLS = 3;

/** By then, all processes have told what they take part in, when a store has lost that. */
const ALL_TOLD_POLLS = 2.5;

const LONGEST_PAUSE_MS = 30_000;

const anything = when(() => true, false);
const aMap = when((given) => given instanceof Map, false);

/** The live processes of a fleet: tells them of this one, and knows what they tell. */
export class Members {
  /** The heartbeats of all, by process. */
  #heartbeats: ReadonlyMap<string, string> = new Map();
  #readAtMs = -Infinity;
  #reading: Promise<void> | undefined;
  /** Since when the store has what processes told. */
  #sinceMs: number;
  #announcedAtMs = -Infinity;
  #isAnnouncing = false;
  #retryAtMs = -Infinity;
  #pauseMs = 0;

  constructor(private readonly sharing: RegistrySharing) {
    this.#sinceMs = sharing.clock.now();
  }

  get count(): number {
    return this.#heartbeats.size;
  }

  /** What the others tell. */
  *others(): Generator<[process: string, heartbeat: HeartbeatReading]> {
    for (const [process, text] of this.#heartbeats) {
      const heartbeat = process === this.sharing.process ? undefined : decodeHeartbeat(text);
      if (heartbeat !== undefined) yield [process, heartbeat];
    }
  }

  async announce(heartbeat: string): Promise<void> {
    const { clock, commands, options, process, store } = this.sharing;
    if (this.#isAnnouncing || clock.now() < this.#retryAtMs) return;
    this.#isAnnouncing = true;
    const reply = await commands.send(() => store.announce(process, heartbeat, ALIVE_POLLS * options.pollInterval), anything);
    this.#isAnnouncing = false;
    if (this.#note(reply)) this.#announcedAtMs = clock.now();
  }

  /** How many processes have had an outcome of a record lately, this one included; undefined when that is not known. */
  async participants(record: string): Promise<number | undefined> {
    const { clock, options, process } = this.sharing;
    const isFresh = (): boolean => clock.now() - this.#readAtMs <= FRESH_MS;
    if (!isFresh()) await this.read();
    if (!isFresh() || clock.now() - this.#sinceMs <= ALL_TOLD_POLLS * options.pollInterval) return undefined;
    const others = [...this.#heartbeats].filter(([other]) => other !== process).map(([, text]) => text);
    return participantsOf(record, others) + 1;
  }

  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { clock, commands, options, process, store } = this.sharing;
    if (clock.now() < this.#retryAtMs) return;
    const reply = await commands.send(() => store.members(), aMap);
    if (!this.#note(reply)) return;
    this.#heartbeats = reply.answer;
    this.#readAtMs = clock.now();
    // The store has lost what was told, of this process and so of others.
    if (this.#readAtMs - this.#announcedAtMs < 2 * options.pollInterval && !this.#heartbeats.has(process)) this.#sinceMs = this.#readAtMs;
  }

  /** After a command that failed, the next ones are ever rarer: a vote must not wait for an answer that does not come. */
  #note<T>(reply: Reply<T>): reply is { readonly answer: T } {
    const { clock, options } = this.sharing;
    const isAnswered = 'answer' in reply;
    this.#pauseMs = isAnswered ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(options.pollInterval, this.#pauseMs * 2));
    this.#retryAtMs = clock.now() + this.#pauseMs;
    return isAnswered;
  }
}
