import type { Record } from '../../../lib/fleet/record';
import { reduce, type Reduced } from '../../../lib/fleet/reduce';
import type { Answer, Command, Confirmed, Counts, FleetOverride, Limits, Quorum } from '../../../lib/fleet/shared-store';

export const LEASE = 1000;
export const ALIVE = 6000;
/** One vote opens. */
export const ANY: Quorum = { min: 1, ratio: 0 };

/** What a command is, but for its sender. */
export type Act = Command extends infer C ? (C extends Command ? Omit<C, 'process' | 'seen' | 'alive' | 'lease'> : never) : never;

const NOTHING_SEEN: Confirmed = { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 };

/** One record, its clock, and processes that send commands to it. */
export class ReducedStore {
  record: Record | undefined;
  told: Reduced['told'];
  nowMs = 1_000_000_000;
  server = 'primary';

  process(name: string): Sender {
    return new Sender(this, name);
  }

  passes(ms: number): void {
    this.nowMs += ms;
  }

  /** Everything is lost, as when it is started again without its data. */
  loses(): void {
    this.record = undefined;
  }

  apply(command: Command): Answer {
    const { record, answer, told } = reduce(this.record, command, Math.round(this.nowMs * 1000), this.server);
    this.record = record;
    this.told = told;
    return answer;
  }
}

export class Sender {
  seen = NOTHING_SEEN;
  alive = ALIVE;
  lease = LEASE;

  constructor(
    private readonly store: ReducedStore,
    readonly name: string,
  ) {}

  /** What is confirmed only gets newer. */
  send(act: Act, seen = this.seen): Answer {
    const { alive, lease, name } = this;
    const answer = this.store.apply({ ...act, process: name, seen, alive, lease });
    if (answer.epoch >= this.seen.epoch) {
      const { epoch, state, remaining, reopenings, override } = answer;
      this.seen = { epoch, state, remaining, reopenings, override };
    }
    return answer;
  }

  get(settings?: string): Answer {
    return this.send({ kind: 'get', settings });
  }

  vote(quorum: Quorum, { openFor = 100, lasts = 5000, at }: { openFor?: number; lasts?: number; at?: number } = {}): Answer {
    return this.send({ kind: 'vote', lasts, openFor, quorum, at });
  }

  report(counts: Partial<Counts>, limits: Limits): Answer {
    return this.send({ kind: 'report', counts: { calls: 0, failures: 0, slow: 0, streak: 0, ...counts }, limits, openFor: 100 });
  }

  acquire(slot: string, { probes = 1, successes = 1 } = {}): Answer {
    return this.send({ kind: 'acquire', slot, probes, successes });
  }

  renew(slot: string): Answer {
    return this.send({ kind: 'renew', slot });
  }

  release(slot: string): Answer {
    return this.send({ kind: 'release', slot });
  }

  succeeds(slot: string, successes = 1): Answer {
    return this.send({ kind: 'result', slot, success: true, successes, openFor: 100 });
  }

  fails(slot: string, openFor = 100): Answer {
    return this.send({ kind: 'result', slot, success: false, successes: 1, openFor });
  }

  lays(override: FleetOverride): Answer {
    return this.send({ kind: 'force', act: 'override', override });
  }

  forces(act: 'clear' | 'close' | 'reset'): Answer {
    return this.send({ kind: 'force', act });
  }
}
