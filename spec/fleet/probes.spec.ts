import { currentCall, withBreaker } from '../../lib';
import { clearOverride, forceOpen } from '../../lib/operate';
import { forEver, held, TestFleet, type TestProcess } from './support/fleet';

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});
const settle = () => fleet.settle();

async function openFleet(count: number, ...options: Parameters<TestFleet['ready']> extends [number, ...infer Rest] ? Rest : never): Promise<TestProcess[]> {
  const processes = await fleet.ready(count, ...options);
  fleet.dependency.isUp = false;
  for (const process of processes) await process.fail();
  await settle();
  expect(new Set(fleet.states())).toEqual(new Set(['open']));
  fleet.dependency.calls = fleet.dependency.most = 0;
  return processes;
}

/** Two processes, the first of which runs a probe until it is released. */
async function openFleetWithLongProbe() {
  const [first, second] = await openFleet(2, { recoveryTimeout: '60s' });
  fleet.dependency.isUp = true;
  await fleet.clock.advance(60_000);
  const { until, release } = held();
  const long = (first!.call as (work: () => Promise<void>) => Promise<string>)(() => until);
  return { first, second, long, release };
}

describe('probes of a fleet', () => {
  it('are one in all processes, though all ask', async () => {
    const processes = await openFleet(4);
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    const { until, release } = held();
    const calls = processes.map(({ call }) => (call as (work: () => Promise<void>) => Promise<string>)(() => until).catch((error: Error) => error.name));
    await settle();
    expect(fleet.dependency.calls).toBe(1);
    expect(fleet.states()).toEqual(Array(4).fill('half_open'));
    release();
    expect((await Promise.all(calls)).filter((result) => result === 'served')).toHaveLength(1);
    await settle();
    expect(fleet.states()).toEqual(Array(4).fill('closed'));
  });

  it('open again in all processes when they fail, for longer with a backoff', async () => {
    const [first, second] = await openFleet(2, { recoveryBackoff: { factor: 3 } });
    await fleet.clock.advance(10_000);
    expect(await first!.attempt()).toBe('down');
    await settle();
    expect(fleet.states()).toEqual(['open', 'open']);
    expect(second!.breaker.retryAfter).toBeCloseTo(29_880, -1);
    await fleet.clock.advance(30_000);
    expect(await second!.attempt()).toBe('down');
    await settle();
    expect(first!.breaker.retryAfter).toBeCloseTo(89_880, -1);
  });

  it('are as many as `probes` says, and close after as many successes', async () => {
    const processes = await openFleet(3, {}, { probes: 2 });
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    const { until, release } = held();
    const calls = processes.map(({ call }) => (call as (work: () => Promise<void>) => Promise<string>)(() => until).catch((error: Error) => error.name));
    await settle();
    expect(fleet.dependency.most).toBe(2);
    expect(fleet.dependency.calls).toBe(2);
    release();
    await Promise.all(calls);
    await settle();
    expect(fleet.states()).toEqual(Array(3).fill('closed'));
  });

  it('wait for the slot no longer than `probeWait`; the slot serves a later call', async () => {
    const [first] = await openFleet(2, {}, { probeWait: '30ms' });
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    first!.store.latencyMs = 40;
    const started = fleet.clock.now();
    const call = first!.attempt();
    await fleet.clock.advance(30);
    expect(await call).toBe('rejected');
    expect(fleet.clock.now() - started).toBe(30);
    await fleet.clock.advance(10);
    expect(await first!.attempt()).toBe('served');
  });

  it('do not wait at all with `probeWait: 0`', async () => {
    const [first] = await openFleet(2, {}, { probeWait: 0 });
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    expect(await first!.attempt()).toBe('rejected');
    await settle();
    expect(await first!.attempt()).toBe('served');
  });

  it('leave the wait at once when their caller gives up', async () => {
    const [first] = await openFleet(2);
    await fleet.clock.advance(10_000);
    first!.store.latencyMs = 40;
    const aborted = new AbortController();
    const call = first!.breaker.execute(() => 'served', { signal: aborted.signal });
    await fleet.clock.advance(0);
    aborted.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('can be taken by hand, and by synchronous functions, when the slot is there', async () => {
    const [first] = await openFleet(2);
    await fleet.clock.advance(10_000);
    expect(first!.breaker.tryAcquire()).toBeUndefined();
    await settle();
    const permit = first!.breaker.acquire();
    expect(permit.isProbe).toBe(true);
    permit.success();
    await settle();
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });

  it('give their slot back when they say nothing about the dependency', async () => {
    const [first, second] = await openFleet(2);
    await fleet.clock.advance(10_000);
    expect(first!.breaker.tryAcquire()).toBeUndefined();
    await settle();
    first!.breaker.acquire().ignore();
    await fleet.clock.advance(200);
    fleet.dependency.isUp = true;
    expect(await second!.attempt()).toBe('served');
  });

  it('keep their slot as long as they run', async () => {
    const { second, long, release } = await openFleetWithLongProbe();
    for (let second_ = 0; second_ < 30; second_++) {
      await fleet.clock.advance(1000);
      expect(await second!.attempt()).toBe('rejected');
    }
    release();
    expect(await long).toBe('served');
    await settle();
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });

  it('keep their slot when another breaker has taken the place of theirs', async () => {
    const { first, second, long, release } = await openFleetWithLongProbe();
    await settle();
    first!.registry.delete('pay');
    withBreaker(fleet.dependency.call, { name: 'pay', failureThreshold: 2, recoveryTimeout: '60s', registry: first!.registry });
    for (let ms = 0; ms < 2000; ms += 200) {
      await fleet.clock.advance(200);
      expect(await second!.attempt()).toBe('rejected');
    }
    expect(fleet.dependency.running).toBe(1);
    release();
    await long;
  });

  it('are told to end when their slot cannot be renewed; the next comes after the lease, not sooner, not never', async () => {
    const [first, second] = await openFleet(2);
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    let reason: unknown;
    const probe = first!.breaker.execute(() => new Promise((_resolve, reject) => {
      const { signal } = currentCall()!;
      signal!.addEventListener('abort', () => {
        reason = signal!.reason;
        reject(reason as Error);
      });
    })).catch((error: Error) => error.name);
    await settle();
    first!.store.mode = 'stuck';
    await fleet.clock.advance(4800);
    expect(await second!.attempt()).toBe('rejected');
    expect(reason).toBeUndefined();
    await fleet.clock.advance(300);
    expect(await probe).toBe('CircuitOpenError');
    expect(await second!.attempt()).toBe('served');
  });

  it('that hang lose their slot after `probeTimeout`', async () => {
    const [first, second] = await openFleet(2, { halfOpen: { probeTimeout: '2s' } });
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    void (first!.call as (work: () => Promise<void>) => Promise<string>)(() => forEver);
    await fleet.clock.advance(1900);
    expect(await second!.attempt()).toBe('rejected');
    await fleet.clock.advance(400);
    expect(await second!.attempt()).toBe('served');
  });

  it('of an epoch that is over change nothing', async () => {
    const [first, second] = await openFleet(2);
    await fleet.clock.advance(10_000);
    const { until, release } = held();
    const late = (first!.call as (work: () => Promise<void>) => Promise<string>)(() => until).catch((error: Error) => error.message);
    await settle();
    await forceOpen(second!.registry, 'pay', { fleet: true });
    await clearOverride(second!.registry, 'pay', { fleet: true });
    await fleet.force('pay', { kind: 'force', act: 'close' });
    await settle();
    expect(fleet.states()).toEqual(['closed', 'closed']);
    release();
    expect(await late).toBe('down');
    expect(first!.breaker.stats.late).toBe(1);
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });
});

it('rule 7: a slow probe does not close a fleet that slowness opened, as far as its process has seen it', async () => {
  const window = { type: 'count', size: 4, minimumCalls: 2, slowCallDuration: 100, slowCallRate: 0.5 } as const;
  const processes = await fleet.ready(2, { failureThreshold: undefined, window });
  const take = async (process: TestProcess, durationMs: number): Promise<string> => {
    const work = () =>
      new Promise<void>((resolve) => {
        fleet.clock.setTimeout(resolve, durationMs);
      });
    const answer = (process.call as (work: () => Promise<void>) => Promise<string>)(work).catch((error: Error) => error.name);
    await fleet.clock.advance(durationMs + 1);
    return answer;
  };
  for (let n = 0; n < 4 && fleet.states().includes('closed'); n++) await Promise.all(processes.map((process) => take(process, 101)));
  expect(fleet.states()).toEqual(['open', 'open']);
  await fleet.clock.advance(10_000);

  for (const process of processes) {
    expect(await take(process, 101)).toBe('served');
    expect(fleet.states()).toEqual(['open', 'open']);
    await fleet.clock.advance(10_000);
  }
  expect(await take(processes[0]!, 99)).toBe('served');

  expect(fleet.states()).toEqual(['closed', 'closed']);
});
