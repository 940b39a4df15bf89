import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import {
  BreakerRegistry, chaos, ConfigurationError, currentCall, withBreaker, withPolicies, withRegistry, type ChaosEvent, type ChaosOptions,
} from '../../lib';
import { seededRandom } from '../../lib/core/random';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

const drill = new Error('drill');
const { NODE_ENV } = process.env;

describe('chaos', () => {
  let registry: BreakerRegistry;
  let clock: TimerClock;
  beforeEach(() => {
    registry = new BreakerRegistry();
    clock = new TimerClock(1_000);
  });
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  const inject = (fn: (...args: unknown[]) => Promise<unknown>, given: ChaosOptions) =>
    withPolicies(fn, { name: 'load', registry, clock, chaos: { enabled: true, ...given } });

  describe('is off', () => {
    it.each([[undefined], [false], [() => false]])('unless enabled: %p', async (enabled) => {
      const fn = scripted(works('it'));
      expect(await inject(fn, { fault: drill, latency: 1000, enabled })()).toBe('it');
      expect(fn).toHaveBeenCalledTimes(1);
      expect(clock.delays).toEqual([]);
    });

    it('when the function that decides throws or gives a promise, which is told once', async () => {
      const warnings = collectWarnings();
      for (const enabled of [() => { throw drill; }, async () => true]) {
        const wrapped = inject(scripted(works('it')), { fault: drill, enabled: enabled as unknown as () => boolean });
        expect([await wrapped(), await wrapped()]).toEqual(['it', 'it']);
      }
      expect(warnings.codes()).toEqual(['BREAKER_BOX_CALLBACK', 'BREAKER_BOX_CALLBACK']);
      expect(warnings.messages()[0]).toContain("'enabled' threw");
      warnings.stop();
    });

    it('and on again, as the function says, call by call', async () => {
      let isOn = false;
      const wrapped = inject(scripted(works('it')), { fault: drill, enabled: () => isOn });
      expect(await wrapped()).toBe('it');
      isOn = true;
      expect(await rejectionOf(wrapped())).toBe(drill);
      isOn = false;
      expect(await wrapped()).toBe('it');
    });
  });

  describe('in production', () => {
    beforeEach(() => {
      process.env.NODE_ENV = 'production';
    });

    it('is refused when the wrapper is built, unless allowed', async () => {
      const build = () => inject(scripted(works()), { fault: drill });
      expect(build).toThrow(ConfigurationError);
      expect(build).toThrow(`chaos.enabled: NODE_ENV is 'production', where chaos must be allowed by allowInProduction`);
      expect(await rejectionOf(inject(scripted(works()), { fault: drill, allowInProduction: true })())).toBe(drill);
    });

    it('is built while it is off, and stays off when a function enables it, with one warning', async () => {
      const warnings = collectWarnings();
      const enabled = jest.fn(() => true);
      const wrapped = inject(scripted(works('it')), { fault: drill, enabled });
      expect([await wrapped(), await wrapped()]).toEqual(['it', 'it']);
      expect(warnings.codes()).toEqual(['BREAKER_BOX_CHAOS_IN_PRODUCTION']);
      expect(warnings.messages()[0]).toBe("Chaos is enabled where NODE_ENV is 'production', without allowInProduction: it stays off");
      warnings.stop();

      expect(() => inject(scripted(works()), { fault: drill, enabled: false })).not.toThrow();
      expect(await rejectionOf(inject(scripted(works()), { fault: drill, enabled, allowInProduction: true })())).toBe(drill);
    });
  });

  describe('fault', () => {
    it('is what runs fail with, in place of running', async () => {
      const fn = scripted(works());
      expect(await rejectionOf(inject(fn, { fault: drill })())).toBe(drill);
      expect(fn).not.toHaveBeenCalled();
    });

    it('may be made anew for each run; what its maker throws will do as well', async () => {
      let made = 0;
      const make = (): Error => {
        if (made++ > 1) throw drill;
        return new Error(`drill ${made}`);
      };
      const wrapped = inject(scripted(works()), { fault: make });
      expect([await rejectionOf(wrapped()), await rejectionOf(wrapped()), await rejectionOf(wrapped())]).toEqual([
        new Error('drill 1'), new Error('drill 2'), drill,
      ]);
    });

    it('counts in the breaker, is tried again by a retry, and is answered by a fallback', async () => {
      const wrapped = withPolicies(scripted(works()), {
        registry, clock, chaos: { fault: drill, enabled: true }, retry: { maxAttempts: 3 }, breaker: { failureThreshold: 9 },
        fallback: () => 'answer',
      });
      expect(await clock.until(wrapped())).toBe('answer');
      expect(wrapped.breaker!.stats.failures).toBe(3);
    });
  });

  describe('result', () => {
    it('is what runs give, in place of running', async () => {
      const fn = scripted(works());
      expect(await inject(fn, { result: 'wrong' })()).toBe('wrong');
      expect(await inject(fn, { result: null })()).toBeNull();
      expect(fn).not.toHaveBeenCalled();
    });

    it('may be a function of the arguments, with the receiver as `this`', async () => {
      const result = jest.fn(async function (this: unknown, ..._args: unknown[]) {
        return Promise.resolve(this);
      });
      const self = {};
      expect(await inject(scripted(works()), { result }).call(self, 'a', 2)).toBe(self);
      expect(result.mock.calls).toEqual([['a', 2]]);
    });

    it('that throws or rejects is a failure', async () => {
      for (const result of [() => { throw drill; }, async () => Promise.reject(drill)]) {
        expect(await rejectionOf(inject(scripted(works()), { result })())).toBe(drill);
      }
    });
  });

  describe('latency', () => {
    it('holds a run up, which then runs', async () => {
      const fn = scripted(works('it'));
      const call = inject(fn, { latency: '100ms' })('a');
      await clock.advance(99);
      expect(fn).not.toHaveBeenCalled();
      await clock.advance(1);
      expect(await call).toBe('it');
      expect(fn.mock.calls).toEqual([['a']]);
    });

    it.each<[string, ChaosOptions, unknown]>([
      ['fault', { fault: drill }, drill],
      ['result', { result: 'wrong' }, 'wrong'],
    ])('comes before a %s', async (_what, given, expected) => {
      const fn = scripted(works());
      const outcome = inject(fn, { latency: 100, ...given })().catch((error: unknown) => error);
      await clock.advance(99);
      expect(clock.armed).toBe(1);
      await clock.advance(1);
      expect(await outcome).toBe(expected);
      expect(fn).not.toHaveBeenCalled();
    });

    it('lies between min and max, by chance', async () => {
      const draws = [0, 0, 0, 0.5, 0, 0.999];
      const wrapped = inject(scripted(works()), { latency: { min: '100ms', max: '200ms' }, random: () => draws.shift()! });
      for (let call = 0; call < 3; call++) await clock.until(wrapped());
      expect(clock.delays).toEqual([100, 150, 199.9]);
    });

    it('ends with the call: at an abort it rejects with the reason, and leaves no timer and no listener', async () => {
      const controller = new AbortController();
      const reason = new Error('the user left');
      const fn = scripted(works());
      const wrapped = inject(fn, { latency: 1000 });
      const outer = withBreaker(async () => undefined, { name: 'outer', registry }).breaker!;
      const call = outer.execute(() => wrapped(), { signal: controller.signal });
      await clock.advance(500);
      expect(clock.armed).toBe(1);

      controller.abort(reason);

      expect(await rejectionOf(call)).toBe(reason);
      await reactions();
      expect([clock.armed, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
      expect(fn).not.toHaveBeenCalled();
    });

    it('ends at a timeout', async () => {
      const fn = scripted(works());
      const wrapped = withPolicies(fn, { registry, clock, timeout: 100, chaos: { latency: '1h', enabled: true } });
      expect(await rejectionOf(clock.until(wrapped()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
      expect([clock.armed, fn.mock.calls.length]).toEqual([0, 0]);
    });
  });

  describe('rate and seed', () => {
    const strikesOf = async (given: ChaosOptions, calls = 200): Promise<boolean[]> => {
      const wrapped = inject(scripted(works()), { fault: drill, ...given });
      const strikes: boolean[] = [];
      for (let call = 0; call < calls; call++) strikes.push(await wrapped().then(() => false, () => true));
      return strikes;
    };

    it.each([[0, 0], [1, 200]])('of %d strikes %d of 200', async (rate, struck) => {
      expect((await strikesOf({ rate })).filter(Boolean)).toHaveLength(struck);
    });

    it('of 0 strikes none, not even where chance is 0 itself', async () => {
      expect(await strikesOf({ rate: 0, random: () => 0 }, 1)).toEqual([false]);
      expect(await strikesOf({ rate: 0.001, random: () => 0 }, 1)).toEqual([true]);
    });

    it('strikes about that share of runs', async () => {
      const struck = (await strikesOf({ rate: 0.3, seed: 7 }, 2000)).filter(Boolean).length;
      // Four standard deviations of a binomial distribution: sqrt(2000 · 0.3 · 0.7) is 20.5.
      expect(Math.abs(struck - 600)).toBeLessThan(82);
    });

    it('is the same for the same seed, and another for another', async () => {
      const one = await strikesOf({ rate: 0.5, seed: 1 });
      expect(await strikesOf({ rate: 0.5, seed: 1 })).toEqual(one);
      expect(await strikesOf({ rate: 0.5, seed: 2 })).not.toEqual(one);
    });

    it('each policy has a sequence of its own, which goes on when the registry changes and comes back', async () => {
      const expected = await strikesOf({ rate: 0.5, seed: 3 }, 40);
      const { registry: _none, ...ambient } = { registry, name: 'ambient', clock };
      const wrapped = withPolicies(scripted(works()), { ...ambient, chaos: { fault: drill, rate: 0.5, seed: 3, enabled: true } });
      const boxes = [new BreakerRegistry(), new BreakerRegistry()];
      const strikes: boolean[][] = [[], []];
      for (let call = 0; call < 80; call++) {
        const strike = await withRegistry(boxes[call % 2]!, () => wrapped().then(() => false, () => true));
        strikes[call % 2]!.push(strike);
      }
      expect(strikes).toEqual([expected, expected]);
    });

    it('seededRandom is mulberry32: numbers that its author published, in [0, 1), whatever the seed', () => {
      const random = seededRandom(0);
      expect([random(), random(), random()].map((value) => value * 2 ** 32)).toEqual([1144304738, 1416247, 958946056]);
      fc.assert(
        fc.property(fc.maxSafeNat(), (seed) => {
          const one = seededRandom(seed);
          const other = seededRandom(seed);
          for (let draw = 0; draw < 20; draw++) {
            const value = one();
            expect(value).toBe(other());
            expect(value >= 0 && value < 1).toBe(true);
          }
        }),
        { numRuns: runs(50) },
      );
    });
  });

  it('tells listeners what it did to which attempt', async () => {
    const events: ChaosEvent[] = [];
    registry.on('chaos', (event) => events.push(event));
    await clock.until(rejectionOf(inject(scripted(works()), { fault: drill, latency: 10 })()));
    await inject(scripted(works()), { result: 5 })();
    const common = { type: 'chaos', operation: 'load', attempt: 1 };
    expect(events).toEqual([
      { ...common, at: 1_000, injected: 'latency' },
      { ...common, at: 1_010, injected: 'fault' },
      { ...common, at: 1_010, injected: 'result' },
    ]);
  });

  it('lets a run that it holds up know its call', async () => {
    const seen: unknown[] = [];
    const wrapped = inject(async () => void seen.push(currentCall()?.operation), { latency: 10 });
    await clock.until(wrapped());
    expect(seen).toEqual(['load']);
  });

  it('leaves runs that it does not strike as they are', async () => {
    const wrapped = inject(scripted(fails(drill), works('it')), { result: 'wrong', rate: 0 });
    expect(await rejectionOf(wrapped())).toBe(drill);
    expect(await wrapped()).toBe('it');
  });

  describe('of a stream', () => {
    const streamOf = (given: ChaosOptions) =>
      withPolicies(async function* (count: number): AsyncGenerator<unknown> { yield count; }, { registry, clock, chaos: { enabled: true, ...given } });
    const collect = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
      const items: unknown[] = [];
      for await (const item of stream) items.push(item);
      return items;
    };

    it('strikes before its first item', async () => {
      expect(await rejectionOf(collect(streamOf({ fault: drill })(1)))).toBe(drill);
      expect(await clock.until(collect(streamOf({ latency: 100 })(1)))).toEqual([1]);
      expect(clock.delays).toEqual([100]);
      expect(await collect(streamOf({ result: async function* (count: number) { yield -count; } })(1))).toEqual([-1]);
    });

    it('rejects, in words, when the result is no stream', async () => {
      const error = await rejectionOf(collect(streamOf({ result: 5 })(1)));
      expect((error as Error).message).toContain('result of chaos: must give an async iterable');
    });

    it('that its consumer leaves while it is held up leaves no timer', async () => {
      const stream = streamOf({ latency: '1h' })(1);
      const first = stream.next();
      await reactions();
      expect(clock.armed).toBe(1);
      await stream.return(undefined);
      expect(await first).toEqual({ done: true, value: undefined });
      expect(clock.armed).toBe(0);
    });
  });

  it('strikes calls that race one by one, in whatever order they end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 8 }), async (scheduler, calls) => {
        const fn = async (): Promise<string> => {
          await scheduler.schedule(Promise.resolve());
          return 'it';
        };
        const expected = seededRandom(5);
        const wrapped = inject(fn, { fault: drill, rate: 0.5, seed: 5 });
        const ends = Array.from({ length: calls }, () => wrapped().catch(() => 'struck'));
        await scheduler.waitAll();
        expect(await Promise.all(ends)).toEqual(ends.map(() => (expected() < 0.5 ? 'struck' : 'it')));
      }),
      { numRuns: runs(50) },
    );
  });

  describe('bad input', () => {
    it.each<[object, string]>([
      [{}, 'chaos.fault: at least one of fault, latency and result must be given'],
      [{ enabled: true }, 'chaos.fault: at least one of fault, latency and result must be given'],
      [{ fault: drill, result: 5 }, 'chaos.result: fault and result exclude each other'],
      [{ fault: 'drill' }, 'chaos.fault: must be an error, or a function () => error'],
      [{ fault: null }, 'chaos.fault: must be an error, or a function () => error'],
      [{ fault: class Drill extends Error {} }, 'chaos.fault: must be an error, or a function () => error'],
      [{ latency: -1 }, 'chaos.latency: must be a duration >= 0'],
      [{ latency: Infinity }, 'chaos.latency: must be a duration >= 0'],
      [{ latency: { min: 5 } }, 'chaos.latency.max: is required'],
      [{ latency: { min: '2s', max: '1s' } }, 'chaos.latency.max: must not be below min (2000 ms)'],
      [{ latency: { min: 1, max: 2, mean: 1 } }, 'chaos.latency.mean: unknown option'],
      [{ fault: drill, rate: 1.1 }, 'chaos.rate: must be a ratio >= 0 and <= 1'],
      [{ fault: drill, rate: Number.NaN }, 'chaos.rate: must be a ratio'],
      [{ fault: drill, seed: 1.5 }, 'chaos.seed: must be an integer >= 0'],
      [{ fault: drill, enabled: 'yes' }, 'chaos.enabled: must be true, false, or a function () => boolean'],
      [{ fault: drill, allowInProduction: 1 }, 'chaos.allowInProduction: must be true or false'],
      [{ fault: drill, enable: true }, 'chaos.enable: unknown option; did you mean enabled?'],
    ])('%p is refused: %s', (given, message) => {
      const build = () => withPolicies(scripted(works()), { registry, chaos: given } as never);
      expect(build).toThrow(ConfigurationError);
      expect(build).toThrow(message);
      expect(registry.names()).toEqual([]);
    });

    it('is no range of one latency, which asks chance for nothing', async () => {
      const random = jest.fn(() => 0);
      for (const latency of ['5ms', { min: '5ms', max: 5 }] as const) {
        expect(await clock.until(inject(scripted(works('it')), { latency, random })())).toBe('it');
      }
      expect(clock.delays).toEqual([5, 5]);
      expect(random).toHaveBeenCalledTimes(2); // whether, and not how long
    });

    it('in a list too', () => {
      expect(() => withPolicies(pending(), [chaos({})])).toThrow('chaos.fault: at least one');
    });
  });
});
