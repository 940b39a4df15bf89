import { BreakerRegistry, isBreakerBoxError, withPolicies, type ThrottleOptions } from '../../../lib';
import { ManualClock } from '../../support/manual-clock';

const WINDOW_S = 40;
const DEMAND = 100; // calls a second

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

interface Tally {
  sent: number;
  accepted: number;
  held: number;
}

/** A client with a steady demand, and a backend that accepts so many calls in each second and refuses the others. */
class Simulation {
  readonly #clock = new ManualClock();
  readonly #call: () => Promise<unknown>;
  #inSecond = 0;
  capacity: number;

  constructor(capacity: number, options: ThrottleOptions, seed: number) {
    this.capacity = capacity;
    const registry = new BreakerRegistry({ clock: this.#clock, random: seeded(seed) });
    const backend = async (): Promise<void> => {
      if (++this.#inSecond > this.capacity) throw new Error('overloaded');
    };
    this.#call = withPolicies(backend, { registry, throttle: { window: WINDOW_S * 1000, ...options } });
  }

  async run(seconds: number): Promise<Tally> {
    const tally = { sent: 0, accepted: 0, held: 0 };
    for (let second = 0; second < seconds; second++) {
      this.#inSecond = 0;
      for (let n = 0; n < DEMAND; n++) {
        const end = await this.#call().then(() => 'accepted' as const, (error: unknown) => (isBreakerBoxError(error) ? 'held' : 'refused'));
        if (end === 'held') tally.held++;
        else tally.sent++;
        if (end === 'accepted') tally.accepted++;
        this.#clock.advance(1000 / DEMAND);
      }
    }
    return tally;
  }
}

describe('a throttle under more demand than its dependency accepts', () => {
  it.each([
    [2, 20],
    [2, 40],
    [1.5, 20],
    [3, 20],
  ])('with k = %d settles at k times the %d calls a second that are accepted', async (k, capacity) => {
    const simulation = new Simulation(capacity, { k }, 1);
    await simulation.run(2 * WINDOW_S);

    const { sent, accepted } = await simulation.run(3 * WINDOW_S);

    // From p = 1 − k · accepts / requests and sent = requests · (1 − p): sent = k · accepts.
    const perSecond = sent / (3 * WINDOW_S);
    expect(perSecond / (k * capacity)).toBeGreaterThan(0.95);
    expect(perSecond / (k * capacity)).toBeLessThan(1.05);
    // And the dependency does all the work it can.
    expect(accepted / (3 * WINDOW_S)).toBeGreaterThan(0.98 * capacity);
  });

  it('holds nothing back while more than one in k is accepted', async () => {
    const simulation = new Simulation(60, { k: 2 }, 2);
    expect(await simulation.run(2 * WINDOW_S)).toMatchObject({ held: 0, accepted: 60 * 2 * WINDOW_S });
  });

  it('sends 1 − maxRejection of the demand to one that refuses all', async () => {
    const simulation = new Simulation(0, { maxRejection: 0.9 }, 3);
    await simulation.run(10);
    const { sent } = await simulation.run(2 * WINDOW_S);
    // Binomial: four standard deviations.
    const calls = DEMAND * 2 * WINDOW_S;
    expect(Math.abs(sent - 0.1 * calls)).toBeLessThan(4 * Math.sqrt(calls * 0.1 * 0.9));
  });

  it.each([4, 5, 6])('is through with it two windows after the dependency is back, whatever it refused (seed %d)', async (seed) => {
    const simulation = new Simulation(0, {}, seed);
    await simulation.run(2 * WINDOW_S);

    simulation.capacity = Infinity;

    // Nine in ten are held back at first, fewer and fewer then.
    const recovering = [];
    for (let part = 0; part < 4; part++) recovering.push((await simulation.run(WINDOW_S / 2)).held);
    expect(recovering).toEqual([...recovering].sort((one, other) => other - one));
    expect(recovering[0]).toBeGreaterThan(0.85 * DEMAND * (WINDOW_S / 2));
    expect(await simulation.run(WINDOW_S)).toMatchObject({ held: 0 });
  });
});
