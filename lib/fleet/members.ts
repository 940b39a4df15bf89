import { when } from '../core/check';
import { decodeHeartbeat, participantsOf, type HeartbeatReading } from './heartbeat';
import type { RegistrySharing } from './registry-sharing';

/** How long what was read of the other processes serves. */
const FRESH_MS = 1000;

/** A process counts as alive for so many poll intervals after its last heartbeat. */
const ALIVE_POLLS = 3;

/** By then, all processes have told what they take part in, when a store has lost that. */
const ALL_TOLD_POLLS = 2.5;

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
    if (this.#isAnnouncing) return;
    const { clock, commands, options, process, store } = this.sharing;
    this.#isAnnouncing = true;
    const reply = await commands.send(() => store.announce(process, heartbeat, ALIVE_POLLS * options.pollInterval), anything);
    this.#isAnnouncing = false;
    if ('answer' in reply) this.#announcedAtMs = clock.now();
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
    const reply = await commands.send(() => store.members(), aMap);
    if (!('answer' in reply)) return;
    this.#heartbeats = reply.answer;
    this.#readAtMs = clock.now();
    // The store has lost what was told, of this process and so of others.
    if (this.#readAtMs - this.#announcedAtMs < 2 * options.pollInterval && !this.#heartbeats.has(process)) this.#sinceMs = this.#readAtMs;
  }
}
