import { held, TestFleet } from './support/fleet';

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});
const settle = () => fleet.settle();

describe("share: 'verdict'", () => {
  it('opens in all processes when enough of them have tripped', async () => {
    const [first, second] = await fleet.ready(4);
    fleet.dependency.isUp = false;
    await first!.fail();
    await settle();
    expect(fleet.states()).toEqual(['open', 'closed', 'closed', 'closed']);
    await second!.fail();
    await settle();
    expect(fleet.states()).toEqual(['open', 'open', 'open', 'open']);
    expect(await fleet.processes[3]!.attempt()).toBe('rejected');
  });

  it('opens at the verdict of the only process alive', async () => {
    const [first] = await fleet.ready(1);
    fleet.dependency.isUp = false;
    await first!.fail();
    await settle();
    const late = fleet.start();
    await settle();
    expect(late.state).toBe('open');
  });

  it('goes on by itself where the others do not agree: opens, probes and closes alone', async () => {
    const [first, second] = await fleet.ready(3);
    fleet.dependency.isUp = false;
    await first!.fail();
    await settle();
    expect(await first!.attempt()).toBe('rejected');
    expect(second!.state).toBe('closed');
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    expect(await first!.attempt()).toBe('served');
    expect(fleet.states()).toEqual(['closed', 'closed', 'closed']);
  });

  it('does not count the votes of processes that are gone', async () => {
    const [first, second] = await fleet.ready(4);
    fleet.dependency.isUp = false;
    await first!.fail();
    first!.sharing.stop();
    // The others are in use, and the first is not heard of any more.
    for (let round = 0; round < 4; round++) {
      await fleet.clock.advance(2000);
      await fleet.processes[2]!.attempt();
      fleet.processes[2]!.breaker.reset();
      await fleet.processes[3]!.attempt();
      fleet.processes[3]!.breaker.reset();
      await second!.attempt();
      second!.breaker.reset();
    }
    await second!.fail();
    await settle();
    expect(fleet.processes[2]!.state).toBe('closed');
    await fleet.processes[3]!.fail();
    await settle();
    expect(fleet.processes[2]!.state).toBe('open');
  });

  it('asks for other quorums', async () => {
    const [first, second, third] = await fleet.ready(4, {}, { quorum: { min: 1, ratio: 0.75 } });
    fleet.dependency.isUp = false;
    await first!.fail();
    await second!.fail();
    await settle();
    expect(fleet.processes[3]!.state).toBe('closed');
    await third!.fail();
    await settle();
    expect(fleet.processes[3]!.state).toBe('open');
  });

  it('hears of an opening while it is asking, and asks again: the answer may be older', async () => {
    const [first, second] = await fleet.ready(2, {}, { quorum: { min: 1, ratio: 0 } });
    second!.store.answerLatencyMs = 30;
    await fleet.clock.advance(2000);
    fleet.dependency.isUp = false;
    await fleet.clock.advance(10);
    await first!.fail();
    await fleet.clock.advance(25);
    expect(fleet.states()).toEqual(['open', 'closed']);
    await fleet.clock.advance(100);
    expect(fleet.states()).toEqual(['open', 'open']);
  });

  it('is heard of at once, also when the record was just read at a poll', async () => {
    const [first, second] = await fleet.ready(2, {}, { quorum: { min: 1, ratio: 0 } });
    second!.store.commands.length = 0;
    await fleet.clock.advance(2000);
    expect(second!.store.kinds()).toContain('read');
    fleet.dependency.isUp = false;
    await fleet.clock.advance(6);
    await first!.fail();
    await fleet.clock.advance(1);
    expect(fleet.states()).toEqual(['open', 'open']);
  });

  it('is heard of at once, also when another vote was cast just before', async () => {
    const [first, second, third] = await fleet.ready(3);
    third!.store.commands.length = 0;
    fleet.dependency.isUp = false;
    await first!.fail();
    await fleet.clock.advance(10);
    expect(third!.store.kinds()).toEqual([]);
    await second!.fail();
    await fleet.clock.advance(1);
    expect(fleet.states()).toEqual(['open', 'open', 'open']);
  });

  it('leaves out what an operator does to one process: trip, reset', async () => {
    const [first, second] = await fleet.ready(2);
    first!.breaker.trip();
    second!.breaker.trip();
    await settle();
    expect(first!.store.writes()).toEqual([]);
    first!.breaker.reset();
    expect(fleet.states()).toEqual(['closed', 'open']);
  });

  it.each(['failure_threshold', 'failure_rate', 'slow_rate', 'probe_failed', 'fleet'])('leaves out a trip whose reason reads as one of the breaker’s own: %s', async (reason) => {
    const [first, second] = await fleet.ready(2);
    first!.breaker.trip(reason);
    second!.breaker.trip(reason);
    await fleet.clock.advance(2000);
    expect(first!.store.writes()).toEqual([]);
  });

  it('tells of what the fleet did as transitions of its own, with the reason', async () => {
    const [first, second, third] = await fleet.ready(3);
    const seen: string[] = [];
    third!.registry.on('transition', ({ from, to, reason }) => seen.push(`${from} ${to} ${reason}`));
    fleet.dependency.isUp = false;
    await first!.fail();
    await second!.fail();
    await settle();
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    const probe = held();
    const call = (first!.call as (work: () => Promise<void>) => Promise<string>)(() => probe.until);
    await settle();
    probe.release();
    expect(await call).toBe('served');
    await settle();
    expect(seen).toEqual(['closed open fleet', 'open half_open fleet', 'half_open closed fleet']);
  });

  it('costs a closed breaker a read in a poll interval, its process a heartbeat, and an idle one nothing', async () => {
    const [first] = await fleet.ready(2);
    first!.store.commands.length = 0;
    for (let n = 0; n < 1000; n++) {
      await first!.call();
      if (n % 10 === 0) await fleet.clock.advance(100);
    }
    const counted = (kind: string) => first!.store.kinds().filter((one) => one === kind).length;
    expect([counted('read'), counted('announce'), counted('members'), counted('write')]).toEqual([5, 5, expect.any(Number), 0]);
    expect(counted('members')).toBeLessThanOrEqual(1);
    await fleet.clock.advance(12_500);
    first!.store.commands.length = 0;
    await fleet.clock.advance(60_000);
    expect(first!.store.commands).toEqual([]);
  });
});
