import fc from 'fast-check';
import { BreakerRegistry, currentCall, withPolicies, withRegistry, type HedgeEvent, type QuantileDelay } from '../../lib';
import { RecentQuantile } from '../../lib/hedge/latencies';
import { pending, rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

/** Uniform in [0, 1), the same for every run of the specs: a linear congruential generator (Numerical Recipes, 7.1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Latencies of a known distribution: exponential, whose quantile q is -mean · ln(1 - q). */
const exponential = (meanMs: number, random: () => number) => (): number => -meanMs * Math.log(1 - random());
const quantileOf = (meanMs: number, q: number): number => -meanMs * Math.log(1 - q);

/** A dependency that answers after a latency of the clock's time, or stops when it is aborted. */
function dependency(clock: TimerClock, latencyMs: () => number) {
  return (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = clock.setTimeout(resolve, latencyMs());
      const signal = currentCall()?.signal;
      signal?.addEventListener('abort', () => {
        clock.clearTimeout(timer);
        reject(signal.reason as Error);
      });
    });
}

function setUp(delay: QuantileDelay, latencyMs: () => number) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const call = withPolicies(dependency(clock, latencyMs), { name: 'a', registry, hedge: { delay, idempotent: true } });
  const hedges: HedgeEvent[] = [];
  registry.on('hedge', (event) => hedges.push(event));
  const callTimes = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await clock.until(call());
  };
  return { clock, hedges, callTimes };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a hedge at a quantile of the latencies', () => {
  // Were runs that lost left out of the measurement, it would settle a quarter to a half below.
  it.each([0.5, 0.9, 0.95])('settles at the quantile %p of a known distribution, and hedges as many calls', async (quantile) => {
    const { clock, hedges, callTimes } = setUp({ quantile }, exponential(100, seeded(1)));
    await callTimes(1500);
    hedges.length = 0;
    await callTimes(3000);

    // The standard error of a sample quantile is √(q(1 - q)/n)/f: here below 6 % for 1000 samples, and less for their mean.
    const delayMs = mean(hedges.map(({ delay }) => delay));
    expect(Math.abs(delayMs / quantileOf(100, quantile) - 1)).toBeLessThan(0.1);
    const share = hedges.length / 3000;
    expect(Math.abs(share / (1 - quantile) - 1)).toBeLessThan(0.15);
    expect(clock.armed).toBe(0);
  });

  it('follows a dependency that became slower, and forgets what was', async () => {
    let meanMs = 20;
    const random = seeded(3);
    const { hedges, callTimes } = setUp({ quantile: 0.9 }, () => exponential(meanMs, random)());
    await callTimes(1200);
    meanMs = 200;
    await callTimes(2500);
    hedges.length = 0;
    await callTimes(2000);
    expect(Math.abs(mean(hedges.map(({ delay }) => delay)) / quantileOf(200, 0.9) - 1)).toBeLessThan(0.15);
  });

  it('hedges nothing until it has measured minSamples', async () => {
    const { hedges, callTimes } = setUp({ quantile: 0.5, minSamples: 30 }, exponential(100, seeded(5)));
    await callTimes(30);
    expect(hedges).toEqual([]);
    await callTimes(30);
    expect(hedges.length).toBeGreaterThan(0);
  });

  it('hedges after initial until then', async () => {
    const { hedges, callTimes } = setUp({ quantile: 0.5, minSamples: 30, initial: '150ms' }, () => 200);
    await callTimes(5);
    expect(hedges.map(({ delay }) => delay)).toEqual([150, 150, 150, 150, 150]);
  });

  it('measures no failures: those that come fast would make it hedge sooner', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: { quantile: 1, minSamples: 2 }, idempotent: true } });
    const end = async (n: number, afterMs: number, works: boolean): Promise<void> => {
      const result = call().catch(() => undefined);
      await clock.advance(afterMs);
      if (works) fn.calls[n]!.resolve();
      else fn.calls[n]!.reject(new Error('down'));
      await result;
    };
    await end(0, 1, false);
    await end(1, 1, false);
    await end(2, 40, true);
    expect(clock.delays).toEqual([]);
    await end(3, 60, true);
    void call();
    expect(clock.delays).toEqual([60]);
  });

  describe('whose first run took 100 ms', () => {
    /** @returns Makes a call whose runs, and then its caller, end as `script` says; and tells the delay of the next one. */
    const setUpMeasured = async (quantile: number) => {
      const clock = new TimerClock();
      const registry = new BreakerRegistry({ clock });
      const fn = pending();
      const call = withPolicies(fn, { name: 'a', registry, hedge: { delay: { quantile, minSamples: 1 }, idempotent: true } });
      const first = call();
      await clock.advance(100);
      fn.calls[0]!.resolve();
      await first;
      const { breaker } = withPolicies(async () => undefined, { name: 'outer', registry, breaker: {} });
      const abortAfter = async (durationMs: number): Promise<void> => {
        const controller = new AbortController();
        const result = rejectionOf(breaker!.execute(() => call(), { signal: controller.signal }));
        await clock.advance(durationMs);
        controller.abort(new Error('too late'));
        fn.calls.forEach(({ reject }) => { reject(new Error('interrupted')); });
        await result;
      };
      const delayOfNext = (): number => {
        void call();
        return clock.delays.at(-1)!;
      };
      return { clock, fn, call, abortAfter, delayOfNext };
    };

    it('counts a run that its caller’s timeout ended with the time it lasted', async () => {
      const { abortAfter, delayOfNext } = await setUpMeasured(1);
      await abortAfter(500);
      expect(delayOfNext()).toBe(500);
    });

    it('counts none that was aborted before the delay: it may have been a fast one', async () => {
      const { abortAfter, delayOfNext } = await setUpMeasured(0.01);
      await abortAfter(50);
      expect(delayOfNext()).toBe(100);
    });

    it('counts one that was slower than its hedge, which failed', async () => {
      const { clock, fn, call, delayOfNext } = await setUpMeasured(1);
      const result = call();
      await clock.advance(150);
      fn.calls[2]!.reject(new Error('down'));
      await clock.advance(150);
      fn.calls[1]!.resolve('it');
      expect(await result).toBe('it');
      expect(delayOfNext()).toBe(300);
    });

    it('counts one whose hedge answered as soon as the delay was over', async () => {
      const { clock, fn, call, delayOfNext } = await setUpMeasured(0.5);
      const hedged = call();
      await clock.advance(100);
      fn.calls[2]!.resolve('it');
      await hedged;
      const fast = call();
      await clock.advance(10);
      fn.calls[3]!.resolve('it');
      await fast;
      expect(delayOfNext()).toBe(100); // the middle one of 10, 100, 100
    });

    it('counts none that failed, when another run answers later', async () => {
      const { clock, fn, call, delayOfNext } = await setUpMeasured(1);
      const result = call();
      await clock.advance(10);
      fn.calls[1]!.reject(new Error('down'));
      await clock.advance(290);
      fn.calls[2]!.resolve('it');
      expect(await result).toBe('it');
      expect(delayOfNext()).toBe(100);
    });
  });

  it('keeps what it measured when the ambient registry changes and comes back', async () => {
    const clock = new TimerClock();
    let latencyMs = 100;
    const fn = dependency(clock, () => latencyMs);
    const call = withPolicies(fn, { name: 'hedge.measured', clock, hedge: { delay: { quantile: 0.5, minSamples: 1 }, idempotent: true } });
    const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];
    const armsAfter = async (registry: BreakerRegistry): Promise<number> => {
      const before = clock.delays.length;
      await clock.until(withRegistry(registry, () => call()));
      return clock.delays.length - before;
    };
    // The dependency's own timer, and from the second call in a registry on, that of the delay.
    expect([await armsAfter(one), await armsAfter(other)]).toEqual([1, 1]);
    latencyMs = 50;
    expect(await armsAfter(one)).toBe(2);
  });
});

describe('a quantile of recent samples', () => {
  it('is the inverse of the empirical distribution of the last 1000, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 2500, size: 'max' }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (samples, quantile) => {
          const recent = new RecentQuantile(quantile);
          for (const sample of samples) recent.record(sample);
          const last = samples.slice(-1000).sort((one, other) => one - other);
          const { value } = recent;
          expect(recent.count).toBe(last.length);
          expect(value).toBe(last.find((sample) => last.filter((other) => other <= sample).length >= quantile * last.length));
        },
      ),
      { numRuns: runs(40) },
    );
  });

  it('is unknown without samples', () => {
    expect(new RecentQuantile(0.5).value).toBeUndefined();
  });
});
