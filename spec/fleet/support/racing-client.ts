import type { Command, Reduced } from '../../../lib/fleet/command';
import { LocalTimes } from '../../../lib/fleet/local-times';
import { decode, encode, lastsMs, nextRevision, type Record } from '../../../lib/fleet/record';
import { reduce } from '../../../lib/fleet/reduce';
import type { FleetStore, Stored } from '../../../lib/fleet/store';

export const LEASE = 1000;
/** How long a write may be on its way. */
export const LATE = 300;

/** The one record that all race for. */
export const NAME = 'record';

/** The store's clock and a monotonic one, in milliseconds. */
export interface Times {
  readonly nowMs: number;
  readonly localMs: number;
}

/** What a command came to, and when the write of it was sent, by the monotonic clock. */
export interface Update extends Reduced {
  readonly sentAtMs: number;
}

/** A process that knows a record by what it was answered last, reduces that, and tries again when another one was faster. */
export class RacingClient {
  seen: Record | undefined;
  participants: number | undefined;
  writes = 0;
  #present: Record | undefined;
  #revision = '';
  #server = '';
  readonly #times = new LocalTimes();

  constructor(
    readonly name: string,
    private readonly store: FleetStore,
    private readonly times: () => Times,
  ) {}

  get epoch(): number {
    return this.seen?.epoch ?? 0;
  }

  async read(): Promise<void> {
    const { stored, server } = await this.store.read([NAME]);
    this.#take(stored[0], server);
  }

  async update(command: () => Command): Promise<Update> {
    for (;;) {
      const { nowMs, localMs } = this.times();
      const nowMicros = Math.floor(nowMs * 1000);
      const { name: process, seen, participants } = this;
      const before = this.#present;
      const left = (deadline: { at: number; given: number }): number => this.#times.left(deadline, nowMs, localMs);
      const reduced = reduce(before, command(), { process, nowMicros, server: this.#server, lease: LEASE, late: LATE, seen, participants, left });
      if (reduced.record === before) return { ...reduced, sentAtMs: localMs };
      const next = reduced.record && { revision: nextRevision(this.#revision, nowMicros, process), value: encode(reduced.record) };
      this.writes++;
      const expected = { revision: this.#revision, server: this.#server, notAfter: nowMs + LATE };
      const written = await this.store.compareAndSet(NAME, expected, next, reduced.record === undefined ? 1 : lastsMs(reduced.record, nowMs));
      this.#take(written.done ? next : written.stored, written.server);
      if (written.done) return { ...reduced, sentAtMs: localMs };
    }
  }

  #take(stored: Stored | undefined, server: string): void {
    const { nowMs, localMs } = this.times();
    const record = stored && decode(stored.value);
    this.#present = record;
    this.#revision = stored?.revision ?? '';
    this.#server = server;
    if (record === undefined) return;
    this.#times.see(record, nowMs, localMs);
    if (record.epoch >= this.epoch) this.seen = record;
  }
}
