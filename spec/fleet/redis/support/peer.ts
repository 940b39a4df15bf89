import type { Answer, Command, Confirmed, SharedStore } from '../../../../lib/fleet';

type Act = Command extends infer C ? (C extends Command ? Omit<C, 'process' | 'seen' | 'alive' | 'lease' | 'at'> : never) : never;

/** A process that shares one breaker, and remembers what it was answered. */
export class Peer {
  seen: Confirmed = { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 };

  constructor(
    private readonly store: SharedStore,
    private readonly name = 'p0',
    private readonly breaker = 'VideoService.download',
  ) {}

  get(): Promise<Answer> {
    return this.send({ kind: 'get' });
  }

  /** Opens the breaker, alone. */
  open(openFor = 60_000): Promise<Answer> {
    return this.send({ kind: 'vote', lasts: 60_000, openFor, quorum: { min: 1, ratio: 0 } });
  }

  acquire(slot: string, probes = 1): Promise<Answer> {
    return this.send({ kind: 'acquire', slot, probes, successes: probes });
  }

  async send(act: Act): Promise<Answer> {
    const answer = await this.store.apply(this.breaker, { ...act, process: this.name, seen: this.seen, alive: 10_000, lease: 1000 } as Command);
    const { epoch, state, remaining, reopenings, override } = answer;
    this.seen = { epoch, state, remaining, reopenings, override };
    return answer;
  }
}
