import { systemClock } from '../../core/clock';
import { systemRandom } from '../../core/random';
import type { Answer, Change, Command, Confirmed, Counts, FleetOverride, Limits, Quorum, SharedStore } from '../shared-store';

/** A store that a contract is held against. */
export interface StoreSubject {
  readonly store: SharedStore;
  /** Lets time pass by the store's clock. @defaultValue waits so long, in real time */
  readonly advance?: ((ms: number) => void | Promise<void>) | undefined;
}

/** How long a slot lasts here, and a process is alive. Long enough that a slow machine does not reach it by chance, short enough to wait for. */
export const LEASE_MS = 800;
const ALIVE_MS = 60_000;

const UNSEEN: Confirmed = { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 };

/** What a check does with a store: several processes, and a breaker that nobody else has. */
export class Contest {
  readonly breaker: string;

  constructor(readonly subject: StoreSubject) {
    this.breaker = `contract-${Math.floor(systemRandom() * 1e15).toString(36)}`;
  }

  process(name: string, breaker = this.breaker): Contender {
    return new Contender(this.subject.store, breaker, name);
  }

  processes(count: number): Contender[] {
    return Array.from({ length: count }, (_, n) => this.process(`p${n}`));
  }

  async passes(ms: number): Promise<void> {
    const { advance } = this.subject;
    if (advance !== undefined) return advance(ms);
    await new Promise<void>((resolve) => {
      systemClock.setTimeout(resolve, ms);
    });
  }

  /** Waits for what a store tells when it can. */
  async hears(holds: () => boolean, withinMs = 3000): Promise<boolean> {
    for (let waits = 0; waits < withinMs / 10 && !holds(); waits++) {
      await new Promise<void>((resolve) => {
        systemClock.setTimeout(resolve, 10);
      });
    }
    return holds();
  }

  /** A breaker that is open and due, and no longer in quarantine. */
  async due(): Promise<Contender[]> {
    const all = this.processes(3);
    for (const one of all) await one.get();
    await all[0]!.vote({ openFor: 1, quorum: { min: 1, ratio: 0 } });
    await this.passes(LEASE_MS + 50);
    for (const one of all) await one.get();
    return all;
  }

  listen(): { readonly changes: Change[]; readonly end: () => void } {
    const changes: Change[] = [];
    const end = this.subject.store.subscribe((change) => {
      if ((change as Partial<Change> | null)?.breaker === this.breaker) changes.push(change as Change);
    });
    return { changes, end };
  }
}

/** One process, which remembers what it was answered. */
export class Contender {
  seen: Confirmed = UNSEEN;

  constructor(
    private readonly store: SharedStore,
    private readonly breaker: string,
    readonly name: string,
  ) {}

  get(told: { settings?: string; name?: string; alive?: number } = {}): Promise<Answer> {
    return this.send({ kind: 'get', ...told });
  }

  vote({ openFor = 10_000, quorum, at }: { openFor?: number; quorum: Quorum; at?: number }): Promise<Answer> {
    return this.send({ kind: 'vote', lasts: 60_000, openFor, quorum, at });
  }

  report(counts: Partial<Counts>, limits: Limits): Promise<Answer> {
    return this.send({ kind: 'report', counts: { calls: 0, failures: 0, slow: 0, streak: 0, ...counts }, limits, openFor: 10_000 });
  }

  acquire(slot: string, { probes = 1, successes = 1 } = {}): Promise<Answer> {
    return this.send({ kind: 'acquire', slot, probes, successes });
  }

  renew(slot: string): Promise<Answer> {
    return this.send({ kind: 'renew', slot });
  }

  release(slot: string): Promise<Answer> {
    return this.send({ kind: 'release', slot });
  }

  result(slot: string, success: boolean, { successes = 1, openFor = 10_000 } = {}): Promise<Answer> {
    return this.send({ kind: 'result', slot, success, successes, openFor });
  }

  override(override: FleetOverride): Promise<Answer> {
    return this.send({ kind: 'force', act: 'override', override });
  }

  force(act: 'clear' | 'close' | 'reset'): Promise<Answer> {
    return this.send({ kind: 'force', act });
  }

  async send(command: Partial<Command> & Pick<Command, 'kind'>): Promise<Answer> {
    const answer = await this.store.apply(this.breaker, { process: this.name, seen: this.seen, alive: ALIVE_MS, lease: LEASE_MS, ...command } as Command);
    const { epoch, state, remaining, reopenings, override } = answer;
    this.seen = { epoch, state, remaining, reopenings, override };
    return answer;
  }
}
