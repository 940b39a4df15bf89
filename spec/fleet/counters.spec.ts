import { TestFleet } from './support/fleet';

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});
const settle = () => fleet.clock.advance(400);
const counters = { share: 'counters' } as const;

describe("share: 'counters'", () => {
  it('opens on failures that no process alone has enough of', async () => {
    const processes = await fleet.ready(5, { failureThreshold: 5 }, counters);
    await fleet.clock.advance(2500);
    fleet.dependency.isUp = false;
    for (const process of processes.slice(0, 4)) await process.attempt();
    await settle();
    expect(fleet.states()).toEqual(Array(5).fill('closed'));
    await processes[4]!.attempt();
    await settle();
    expect(fleet.states()).toEqual(Array(5).fill('open'));
  });

  it('begins to count anew after a success that was reported', async () => {
    const processes = await fleet.ready(3, { failureThreshold: 3 }, counters);
    await fleet.clock.advance(2500);
    fleet.dependency.isUp = false;
    await processes[0]!.attempt();
    await processes[1]!.attempt();
    await fleet.clock.advance(100);
    fleet.dependency.isUp = true;
    await processes[2]!.attempt();
    await fleet.clock.advance(2500);
    fleet.dependency.isUp = false;
    await processes[2]!.attempt();
    await settle();
    expect(fleet.states()).toEqual(Array(3).fill('closed'));
  });

  it.each([
    ['a time window', { type: 'time', duration: '30s', minimumCalls: 8, failureRate: 0.5 } as const],
    ['a count window', { type: 'count', size: 8, failureRate: 0.5 } as const],
  ])('judges rates over all processes: %s', async (_name, window) => {
    const processes = await fleet.ready(4, { window, failureThreshold: undefined }, counters);
    await fleet.clock.advance(60_000);
    for (const process of processes) await process.attempt();
    await fleet.clock.advance(2500);
    fleet.dependency.isUp = false;
    for (const process of processes.slice(1)) await process.attempt();
    await settle();
    expect(fleet.states()).toEqual(Array(4).fill('closed'));
    await processes[0]!.attempt();
    await settle();
    expect(fleet.states()).toEqual(Array(4).fill('open'));
  });

  it('takes no timer for what is not pooled', async () => {
    const [process] = await fleet.ready(1, { window: { type: 'time', duration: '20s', failures: 12 }, failureThreshold: undefined }, counters);
    const before = fleet.clock.armed;
    fleet.dependency.isUp = false;
    await process!.attempt();
    await settle();
    expect(fleet.clock.armed).toBeLessThanOrEqual(before);
  });

  it('opens a process alone when its own calls suffice', async () => {
    const [first, second] = await fleet.ready(2, { failureThreshold: 2 }, counters);
    first!.store.mode = 'refusing';
    fleet.dependency.isUp = false;
    await first!.fail();
    await settle();
    expect([first!.state, second!.state]).toEqual(['open', 'closed']);
  });

  it('costs a closed breaker nothing more than a verdict', async () => {
    const [first] = await fleet.ready(2, {}, counters);
    await fleet.clock.advance(2500);
    first!.store.commands.length = 0;
    for (let n = 0; n < 100; n++) {
      await first!.call();
      await fleet.clock.advance(100);
    }
    expect(first!.store.kinds().filter((kind) => kind === 'read')).toHaveLength(5);
    expect(first!.store.writes()).toEqual([]);
  });

  it('sends no report for each failure of a storm, and loses none', async () => {
    const [first] = await fleet.ready(2, { failureThreshold: 1000 }, counters);
    fleet.dependency.isUp = false;
    first!.store.commands.length = 0;
    for (let n = 0; n < 500; n++) {
      await first!.attempt();
      await fleet.clock.advance(1);
    }
    await fleet.clock.advance(100);
    const reports = first!.store.writes();
    expect(reports.length).toBeLessThan(15);
    expect(reports.at(-1)!.counts!.streak).toBe(500);
  });

  it.each([false, true])('hears the objection of who has succeeded since, also where the store tells nobody of changes: %s', async (isPolled) => {
    fleet.isPolled = isPolled;
    const processes = await fleet.ready(3, { failureThreshold: 4 }, counters);
    fleet.dependency.isUp = false;
    await processes[0]!.attempt();
    await fleet.clock.advance(2500);
    fleet.dependency.isUp = true;
    for (const process of processes.slice(1)) await process.attempt();
    await fleet.clock.advance(100);
    fleet.dependency.isUp = false;
    await processes[0]!.fail(3);
    fleet.dependency.isUp = true;
    for (let passed = 0; passed < 6000; passed += 100) {
      for (const process of processes.slice(1)) await process.attempt();
      await fleet.clock.advance(100);
    }
    expect(processes.slice(1).map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  it('opens where the store tells nobody of changes, when each process had a poll to object', async () => {
    fleet.isPolled = true;
    const processes = await fleet.ready(5, { failureThreshold: 5 }, counters);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.attempt();
    for (let passed = 0; passed < 6000; passed += 500) {
      for (const process of processes) await process.attempt();
      await fleet.clock.advance(500);
    }
    expect((await fleet.recordOf('pay'))?.state).toBe('open');
    expect(fleet.states()).toEqual(Array(5).fill('open'));
  });
});
