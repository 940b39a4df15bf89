import { BreakerRegistry, registry, withBreaker, withPolicies, withRegistry } from '../../lib';
import { testKit } from '../../lib/testing';

const kit = testKit();
const answer = async (): Promise<string> => 'answer';
const pay = withBreaker(answer, { name: 'iso.pay', failureThreshold: 3 });
const search = withPolicies(answer, { name: 'iso.search', breaker: { failureThreshold: 5 }, retry: { maxAttempts: 3, baseDelay: '10s' }, fallback: () => 'instead' });
const operations: Record<string, () => Promise<string>> = { 'iso.pay': pay, 'iso.search': search };
const call = (name: string) => operations[name]!();

it('finds operations isolated whose failures open their own circuits alone, and closes these again', async () => {
  await kit.run(async () => {
    await kit.assertIsolated(['iso.pay', 'iso.search'], call);
    expect([pay.breaker?.state, search.breaker?.state]).toEqual(['closed', 'closed']);
    await expect(pay()).resolves.toBe('answer');
    kit.assertIdle();
  });
});

it('works outside of runs as well, in the default registry', async () => {
  await kit.assertIsolated(['iso.pay', 'iso.search'], call);
  expect(registry.get('iso.pay')?.state).toBe('closed');
});

it('fails when the failures of one operation open the circuit of another', async () => {
  await kit.run(async () => {
    await call('iso.search');
    pay.breaker?.on('transition', ({ to }) => {
      if (to === 'open') search.breaker?.trip();
    });
    await expect(kit.assertIsolated(['iso.pay', 'iso.search'], call)).rejects.toThrow(
      /expected iso\.pay to fail alone, but other operations changed:\n {2}iso\.search is now open; 0 failures/,
    );
  });
});

it('fails when the failures of one operation count in another, which is in nobody’s list', async () => {
  await withRegistry(new BreakerRegistry(), async () => {
    const inner = withBreaker(answer, { name: 'inner' });
    const outer = withPolicies(answer, {
      name: 'outer',
      breaker: { failureThreshold: 2 },
      fallback: async () => {
        inner.breaker?.acquire().failure();
        return 'instead';
      },
    });
    await expect(kit.assertIsolated(['outer'], () => outer())).rejects.toThrow(/inner is now closed; 2 failures, 2 of them in a row/);
  });
});

it('says why an operation does not open', async () => {
  class Busy extends Error {}
  const picky = withBreaker(answer, { name: 'picky', handle: Busy });
  await kit.run(async () => {
    await expect(kit.assertIsolated(['picky'], () => picky())).rejects.toThrow(/1000 failing calls left it closed; what it fails with may count for nothing/);
    await kit.assertIsolated(['picky'], () => picky(), { error: new Busy() });
    await expect(kit.assertIsolated(['picky'], () => 'another function')).rejects.toThrow(/none of these calls ran its function/);
    const limited = withPolicies(answer, { name: 'limited', breaker: { failureThreshold: 2 }, rateLimit: { limit: 1, interval: '1h' } });
    await expect(kit.assertIsolated(['limited'], () => limited())).rejects.toThrow(/1 of these calls ran its function: another policy, such as a rate limit, holds the rest back/);
  });
});

it('leaves faults as they were', async () => {
  await kit.run(async () => {
    kit.fault('iso.pay', { result: 'canned' });
    await kit.assertIsolated(['iso.search'], call);
    await expect(pay()).resolves.toBe('canned');
    const before = kit.sleeps(search).length;
    expect(before).toBeGreaterThan(0);
  });
});

it('names all that is wrong with its input', async () => {
  await expect(kit.assertIsolated([], 5 as never)).rejects.toThrow(/names: must name an operation[\s\S]*call: must be a function/);
});

describe('idle', () => {
  it('says which timers, waits and calls are left', async () => {
    const hung = withBreaker(() => new Promise<never>(() => {}), { name: 'iso.hung' });
    const timed = withPolicies(() => new Promise<never>(() => {}), { name: 'iso.timed', timeout: '2s' });
    await kit.run(async () => {
      kit.assertIdle();
      void hung();
      const call = timed().catch(() => undefined);
      expect(() => kit.assertIdle()).toThrow(
        'expected no timer, wait or call to be left, but there are\n  timers: 1, which fire in 2000 ms\n  iso.hung: 1 of its attempts runs\n  iso.timed: 1 of its attempts runs',
      );
      await kit.advance('2s');
      await call;
      expect(() => kit.assertIdle()).toThrow('iso.hung: 1 of its attempts runs');
    });
  });

  it('counts a stream until it is over', async () => {
    const lines = withBreaker(async function* () { yield 1; yield 2; }, { name: 'iso.lines' });
    await kit.run(async () => {
      const stream = lines();
      await stream.next();
      expect(() => kit.assertIdle()).toThrow('iso.lines: 1 of its attempts runs');
      await stream.return(undefined);
      kit.assertIdle();
    });
  });
});
