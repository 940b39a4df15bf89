import fc from 'fast-check';
import { RateLimitedError, withPolicies } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { Testbed } from './testbed';
import { runs } from '../support/runs';

const rejected = async (call: Promise<unknown>): Promise<RateLimitedError> => (await rejectionOf(call)) as RateLimitedError;

describe('a rate limit', () => {
  it('lets a burst of limit calls through at once, and rejects the next without running the function', async () => {
    const { call, runs } = new Testbed({ limit: 3 });

    expect(await Promise.all([call(1), call(2), call(3)])).toEqual([1, 2, 3]);
    expect(await rejected(call(4))).toBeInstanceOf(RateLimitedError);
    expect(runs).toHaveLength(3);
  });

  it('is filled continuously: a token each interval / limit, not all of them at the end of an interval', async () => {
    const testbed = new Testbed({ limit: 4 });
    await testbed.flood(4);

    await testbed.clock.advance(249);
    expect(await testbed.flood(2)).toBe(0);
    await testbed.clock.advance(1);
    expect(await testbed.flood(2)).toBe(1);
    await testbed.clock.advance(500);
    expect(await testbed.flood(5)).toBe(2);
  });

  it('saves up no more than burst, which may be below limit or above it', async () => {
    for (const burst of [1, 2, 20]) {
      const testbed = new Testbed({ limit: 10, interval: '1s', burst });
      expect(await testbed.flood(50)).toBe(burst);
      await testbed.clock.advance(3_600_000);
      expect(await testbed.flood(50)).toBe(burst);
    }
  });

  it('takes a number for a limit per second', async () => {
    const testbed = new Testbed(2);
    expect(await testbed.flood(5)).toBe(2);
    await testbed.clock.advance(500);
    expect(await testbed.flood(5)).toBe(1);
  });

  it('rejects with when to come back: then a call is let through, and none before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 300 }), async (limit, later) => {
        const testbed = new Testbed({ limit });
        await testbed.flood(limit);
        await testbed.clock.advance(later);
        await testbed.flood(limit);

        const { retryAfter } = await rejected(testbed.call());

        expect(retryAfter).toBeGreaterThan(0);
        await testbed.clock.advance(Math.ceil(retryAfter) - 1);
        expect(await testbed.flood(1)).toBe(0);
        await testbed.clock.advance(1);
        expect(await testbed.flood(2)).toBe(1);
      }),
      { numRuns: runs(50) },
    );
  });

  it('rule 50: rejects with a stack that leads to the caller where rejectionStacks asks for it', async () => {
    const { call } = new Testbed({ limit: 1, rejectionStacks: true });
    await call();
    expect((await rejected(call())).stack).toMatch(/rate-limit\.spec/);
  });

  it('rejects with a fresh error that names the operation and keeps no stack', async () => {
    const { call } = new Testbed({ limit: 1, interval: '1m' });
    await call();
    const [one, other] = [await rejected(call()), await rejected(call())];

    expect(one).not.toBe(other);
    expect(one).toMatchObject({ name: 'RateLimitedError', code: 'BREAKER_RATE_LIMITED', operation: 'orders.list', retryAfter: 60_000, key: undefined });
    expect(one.message).toBe('The rate limit of orders.list is reached; try again in 60 s');
    expect(one.stack).toBe(`RateLimitedError: ${one.message}`);
  });

  it('tells of a rejection in an event', async () => {
    const { call, clock, events } = new Testbed({ limit: 1 });
    await call();
    await clock.advance(400);
    await rejected(call());

    expect(events).toEqual([{ type: 'rateLimit', operation: 'orders.list', attempt: 1, retryAfter: 600, at: clock.wallTime() }]);
  });

  it('says in the event which call and which attempt it was, when somebody watches calls', async () => {
    const { call, registry, events } = new Testbed({ limit: 1 });
    const calls: number[] = [];
    registry.on('call', ({ callId }) => {
      calls.push(callId);
    });
    await call();
    await rejected(call());

    expect(events).toEqual([expect.objectContaining({ callId: calls[1], attempt: 1 })]);
  });

  it('passes results, errors, receiver and arguments on', async () => {
    const error = new Error('down');
    const fn = jest.fn(async function (this: unknown, ...args: unknown[]) {
      if (args[0] === error) throw error;
      return [this, ...args];
    });
    const limited = withPolicies(fn, { rateLimit: 10 });
    const self = { limited };

    expect(await self.limited(1, 2)).toEqual([self, 1, 2]);
    expect(await rejectionOf(self.limited(error))).toBe(error);
  });

  it('is ignored by the breaker around it, and not retried by default', async () => {
    const { clock, registry } = new Testbed(1);
    const fn = jest.fn(async () => 'it');
    const limited = withPolicies(fn, {
      registry, retry: { maxAttempts: 3, baseDelay: 1 }, breaker: { failureThreshold: 1 }, rateLimit: { limit: 1 },
    });
    await limited();

    expect(await rejected(limited())).toBeInstanceOf(RateLimitedError);

    expect(limited.breaker).toMatchObject({ state: 'closed', stats: { calls: 2, ignored: 1, failures: 0 } });
    expect(clock.armed).toBe(0);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('limits attempts, for it is inside the retry: one that is told to comes back when it asks to', async () => {
    const { clock, registry } = new Testbed(1);
    const times: number[] = [];
    const limited = withPolicies(
      async () => {
        times.push(clock.now());
        if (times.length < 3) throw new Error('down');
      },
      {
        registry, rateLimit: { limit: 1, interval: 300 },
        retry: { maxAttempts: 9, baseDelay: 100, jitter: false, backoff: 'fixed', handle: () => true },
      },
    );

    await clock.until(limited());

    // The attempt after 100 ms is over the limit, and comes back when the error says.
    expect(times).toEqual([0, 300, 600]);
  });

  it('arms no timer and asks for the time once a call, as long as nobody waits', async () => {
    const { call, clock } = new Testbed(100);
    const now = jest.spyOn(clock, 'now');
    await call();
    const before = now.mock.calls.length;
    await call();

    expect(now.mock.calls.length - before).toBe(2); // one of them is the function's own
    expect(clock.delays).toEqual([]);
  });
});
