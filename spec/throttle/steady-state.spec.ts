import { Simulation } from './simulation';

const WINDOW_S = 40;
const window = WINDOW_S * 1000;
const DEMAND = 100; // calls a second

describe('a throttle under more demand than its dependency accepts', () => {
  it.each([
    [2, 20],
    [2, 40],
    [1.5, 20],
    [3, 20],
  ])('with k = %d settles at k times the %d calls a second that are accepted', async (k, capacity) => {
    const simulation = new Simulation(capacity, { window, k }, 1, DEMAND);
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
    const simulation = new Simulation(60, { window, k: 2 }, 2, DEMAND);
    expect(await simulation.run(2 * WINDOW_S)).toMatchObject({ held: 0, accepted: 60 * 2 * WINDOW_S });
  });

  it('sends 1 − maxRejection of the demand to one that refuses all', async () => {
    const simulation = new Simulation(0, { window, maxRejection: 0.9 }, 3, DEMAND);
    await simulation.run(10);
    const { sent } = await simulation.run(2 * WINDOW_S);
    // Binomial: four standard deviations.
    const calls = DEMAND * 2 * WINDOW_S;
    expect(Math.abs(sent - 0.1 * calls)).toBeLessThan(4 * Math.sqrt(calls * 0.1 * 0.9));
  });

  it.each([4, 5, 6])('is through with it two windows after the dependency is back, whatever it refused (seed %d)', async (seed) => {
    const simulation = new Simulation(0, { window }, seed, DEMAND);
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
