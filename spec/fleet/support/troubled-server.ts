import { memoryStore } from '../../../lib/fleet/memory-store';
import type { Expected, FleetStore, Reading, Stored, Written } from '../../../lib/fleet/store';
import { NAME, type Times } from './racing-client';

/** A server with one record, which can lose it, and be replaced by another one that has what was there before. */
export class TroubledServer implements FleetStore {
  nowMs = 1_000_000_000;
  localMs = 0;
  /** Told when something was written, lost, or replaced. */
  changed: (stored: Stored | undefined) => void = () => {};
  #run = 0;
  readonly #history: (Stored | undefined)[] = [undefined];
  readonly #beneath = memoryStore({ clock: { now: () => this.localMs, wallTime: () => this.nowMs, setTimeout: () => 0, clearTimeout: () => {} } });

  /** @param way - What a command and its answer each go through. */
  constructor(private readonly way: (what: string) => Promise<unknown> = () => Promise.resolve()) {}

  /** No two looks at the clock share a microsecond. */
  readonly times = (): Times => {
    this.passes(0.001);
    return { nowMs: this.nowMs, localMs: this.localMs };
  };

  passes(ms: number): void {
    this.nowMs += ms;
    this.localMs += ms;
  }

  loses(): void {
    this.#beneath.clear();
    this.#note(undefined);
  }

  /** Another server takes over, with what was there so many writes ago. */
  async failsOver(writes: number): Promise<void> {
    this.#run++;
    const older = this.#history[Math.max(0, this.#history.length - 1 - writes)];
    this.#beneath.clear();
    if (older !== undefined) await this.#beneath.compareAndSet(NAME, { revision: '', server: '', notAfter: Infinity }, older, 1e9);
    this.#note(older);
  }

  async read(names: readonly string[]): Promise<Reading> {
    await this.way('read');
    const reading = await this.#beneath.read(names);
    const answer = { ...reading, server: this.#server };
    await this.way('answer of read');
    return answer;
  }

  async compareAndSet(name: string, expected: Expected, next: Stored | undefined, lastsMs: number): Promise<Written> {
    await this.way('compareAndSet');
    const written = await this.#beneath.compareAndSet(name, { ...expected, server: expected.server === this.#server ? '' : 'another' }, next, lastsMs);
    if (written.done) this.#note(next);
    const answer = { ...written, server: this.#server };
    await this.way(written.done ? 'done' : 'not done');
    return answer;
  }

  announce(): Promise<void> {
    return Promise.resolve();
  }

  members(): Promise<ReadonlyMap<string, string>> {
    return Promise.resolve(new Map());
  }

  get #server(): string {
    return `run ${this.#run}`;
  }

  #note(stored: Stored | undefined): void {
    this.#history.push(stored);
    this.changed(stored);
  }
}
