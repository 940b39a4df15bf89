import { BreakerRegistry, isBreakerBoxError, withPolicies, type ThrottleOptions } from '../../lib';
import { ManualClock } from '../support/manual-clock';

/** What became of calls: those that were sent were accepted or refused, the others were held back. */
export interface Tally {
  sent: number;
  accepted: number;
  held: number;
}

/** A client with a steady demand, and a backend that accepts so many calls in each second and refuses the others. */
export class Simulation {
  readonly #clock = new ManualClock();
  readonly #call: () => Promise<unknown>;
  #inSecond = 0;
  capacity: number;

  /** @param demand - Calls a second. */
  constructor(capacity: number, options: ThrottleOptions, seed: number, private readonly demand: number) {
    this.capacity = capacity;
    const registry = new BreakerRegistry({ clock: this.#clock, random: seeded(seed) });
    const backend = async (): Promise<void> => {
      if (++this.#inSecond > this.capacity) throw new Error('overloaded');
    };
    this.#call = withPolicies(backend, { registry, throttle: options });
  }

  async run(seconds: number): Promise<Tally> {
    const tally = { sent: 0, accepted: 0, held: 0 };
    for (let second = 0; second < seconds; second++) {
      this.#inSecond = 0;
      for (let n = 0; n < this.demand; n++) {
        const end = await this.#call().then(() => 'accepted' as const, (error: unknown) => (isBreakerBoxError(error) ? 'held' : 'refused'));
        if (end === 'held') tally.held++;
        else tally.sent++;
        if (end === 'accepted') tally.accepted++;
        this.#clock.advance(1000 / this.demand);
      }
    }
    return tally;
  }
}

/** Seeded: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
