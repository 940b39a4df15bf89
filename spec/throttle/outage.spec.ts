import { Simulation } from './simulation';

const DEMAND = 250; // calls a second
const OUTAGE_S = 60;

// Rule 64. Nobody gives a window here: these are the defaults.
describe.each([1, 2])('a throttle in an outage of a minute, with its default window (seed %d)', (seed) => {
  let simulation: Simulation;

  beforeEach(async () => {
    simulation = new Simulation(Infinity, {}, seed, DEMAND);
    expect(await simulation.run(20)).toMatchObject({ held: 0 });
    simulation.capacity = 0;
  });

  it('lets calls through for most of half its window, and holds the first back before six seconds are over', async () => {
    expect(await simulation.run(4)).toMatchObject({ held: 0, sent: 4 * DEMAND });
    expect((await simulation.run(2)).held).toBeGreaterThan(0);
  });

  it('spares the dependency three in four of the 15,000 calls that would have failed', async () => {
    const { held, sent } = await simulation.run(OUTAGE_S);
    expect(held + sent).toBe(15_000);
    expect(held).toBeGreaterThan(0.75 * 15_000);
  });

  it('sends one in ten when a window has gone by, which find out that the dependency is back', async () => {
    await simulation.run(12);
    const { sent } = await simulation.run(OUTAGE_S - 12);
    expect(sent / (48 * DEMAND)).toBeGreaterThan(0.08);
    expect(sent / (48 * DEMAND)).toBeLessThan(0.12);
  });

  it('holds nothing back any more 20 s after the dependency is back', async () => {
    await simulation.run(OUTAGE_S);
    simulation.capacity = Infinity;
    const { held, accepted } = await simulation.run(20);
    expect(held + accepted).toBe(20 * DEMAND);
    expect(held).toBeLessThan(0.7 * 20 * DEMAND);
    expect(await simulation.run(20)).toMatchObject({ held: 0 });
  });
});

// Why the default is not that of the book.
it('a throttle that looks back on two minutes holds back next to none of them, and good calls afterwards', async () => {
  const simulation = new Simulation(Infinity, { window: '2m' }, 1, DEMAND);
  await simulation.run(130);
  simulation.capacity = 0;
  expect((await simulation.run(OUTAGE_S)).held).toBeLessThan(10);
  simulation.capacity = Infinity;
  expect((await simulation.run(60)).held).toBeGreaterThan(1000);
});
