import { BreakerRegistry, circuitBreaker, currentCall, enableCallContext, registry as defaultRegistry, retry, withBreaker, withPolicies, withRegistry, withRetry, type BreakerEvents } from '../../../lib';
import { Call } from '../../../lib/core/call';
import { Plan } from '../../../lib/protect/plan';
import { pending, rejectionOf } from '../../composition/support/flaky';

/** What most calls go past, for speed: the benchmarks say how much that saves, this says when it is saved. */
const layers = jest.spyOn(Plan.prototype, 'run');
/** Made for each run of a timeout. */
const attempts = jest.spyOn(Call.prototype, 'as');

const registry = (): BreakerRegistry => new BreakerRegistry();
const it1 = async (): Promise<string> => 'it';

/** What pipelines with a short way are made of; the retry does not retry, so that a call that fails is over. */
const SHORT: object[] = [{ breaker: {} }, { timeout: '1m' }, { retry: { handle: () => false } }];

/** Through how many layers some calls go, the first one, which compiles the pipeline, not counted. */
async function through(call: () => Promise<unknown>, calls = 3): Promise<number> {
  await call();
  layers.mockClear();
  for (let n = 0; n < calls; n++) await call().catch(() => undefined);
  return layers.mock.calls.length;
}

afterEach(() => {
  jest.useRealTimers();
});

describe('a call goes past the layers', () => {
  it.each<[string, () => () => Promise<unknown>]>([
    ['of a breaker', () => withBreaker(it1, { registry: registry() })],
    ['of a breaker that judges values', () => withBreaker(it1, { registry: registry(), handleResult: () => false })],
    ['of a timeout', () => withPolicies(it1, { registry: registry(), timeout: '1m' })],
    ['of a timeout in a breaker', () => withPolicies(it1, { registry: registry(), timeout: '1m', breaker: {} })],
    ['of a retry', () => withRetry(it1, { registry: registry() })],
    ['of a retry around a breaker', () => withPolicies(it1, { registry: registry(), retry: {}, breaker: {} })],
  ])('%s', async (_what, make) => {
    expect(await through(make())).toBe(0);
  });

  it('inside one that has nothing to hand down', async () => {
    const inner = withBreaker(it1, { registry: registry() });
    expect(await through(withBreaker(() => inner(), { registry: registry() }))).toBe(0);
  });

  it('and fails with what its function fails with, thrown or rejected', async () => {
    const down = new Error('down');
    let fails = (): Promise<string> => it1();
    for (const options of SHORT) {
      const call = withPolicies(() => fails(), { registry: registry(), ...options });
      await call();
      layers.mockClear();
      for (const failure of [() => Promise.reject(down), () => { throw down; }]) {
        fails = failure;
        expect(await rejectionOf(call())).toBe(down);
      }
      expect(layers).not.toHaveBeenCalled();
      expect(call.breaker!.stats).toMatchObject({ successes: 1, failures: 2 });
      fails = it1;
    }
  });

  it('and knows its own call, as long as its function runs', async () => {
    for (const options of SHORT) {
      const seen: unknown[] = [];
      const call = withPolicies(async () => { seen.push(currentCall()?.operation); }, { registry: registry(), name: 'op', ...options });
      await call();
      await call();
      expect([seen, currentCall()]).toEqual([['op', 'op'], undefined]);
    }
  });
});

describe('a retry whose call goes past the layers', () => {
  function failing(times: number, options: object = {}) {
    const seen: unknown[] = [];
    const call = withPolicies(
      async function (this: unknown, ...args: number[]): Promise<string> {
        seen.push([this, args, currentCall()?.attempt]);
        if (seen.length > 1 && seen.length <= 1 + times) throw new Error(`down ${seen.length - 1}`);
        return 'it';
      },
      { registry: registry(), retry: { baseDelay: 0, ...options } },
    );
    return { call, seen };
  }

  it('tries again what fails, with its receiver and its arguments, and counts each attempt once', async () => {
    const { call, seen } = failing(2);
    const self = {};
    await call.call(self, 1);
    layers.mockClear();
    expect(await call.call(self, 2, 3)).toBe('it');
    expect(layers).not.toHaveBeenCalled();
    expect(seen.slice(1)).toEqual([[self, [2, 3], 1], [self, [2, 3], 2], [self, [2, 3], 3]]);
    expect(call.breaker!.stats).toMatchObject({ successes: 2, failures: 2 });
  });

  it('gives up with the last error, once its attempts are used up', async () => {
    const { call, seen } = failing(9, { maxAttempts: 3 });
    await call(1);
    expect(await rejectionOf(call(2))).toMatchObject({ message: 'down 3' });
    expect(seen).toHaveLength(4);
  });

  it('takes the pipeline that its call began with, whatever has become of the operation meanwhile', async () => {
    const mine = registry();
    const fn = jest.fn<Promise<string>, []>();
    fn.mockResolvedValueOnce('first').mockImplementationOnce(async () => {
      mine.delete('op');
      throw new Error('down');
    });
    fn.mockResolvedValue('it');
    const call = withRetry(fn, { registry: mine, name: 'op', baseDelay: 0 });
    await call();
    const before = call.breaker!;
    expect(await call()).toBe('it');
    expect(before.stats).toMatchObject({ successes: 2, failures: 1 });
  });
});

describe('a call goes through the layers', () => {
  it.each<[string, () => () => Promise<unknown>]>([
    ['of a retry that judges values', () => withRetry(it1, { registry: registry(), handleResult: () => false })],
    ['of a retry with a budget', () => withRetry(it1, { registry: registry(), budget: { ratio: 1 } })],
    ['of a retry in a breaker', () => withPolicies(it1, [circuitBreaker({ registry: registry() }), retry()])],
    ['of a retry around another', () => withPolicies(it1, [retry({ registry: registry() }), retry(), circuitBreaker()])],
    ['of a retry around a timeout', () => withPolicies(it1, { registry: registry(), retry: {}, timeout: '1m' })],
    ['of a cooperative timeout', () => withPolicies(it1, { registry: registry(), timeout: { duration: '1m', mode: 'cooperative' } })],
    ['of a timeout around a bulkhead', () => withPolicies(it1, { registry: registry(), timeout: '1m', bulkhead: 5 })],
    ['of a breaker for each key', () => withBreaker(it1, { registry: registry(), key: () => 'eu' })],
  ])('%s', async (_what, make) => {
    expect(await through(make())).toBe(3);
  });

  it.each(SHORT.map((options) => [Object.keys(options).join(), options]))('that is watched, or rejected: %s', async (_what, options) => {
    const mine = registry();
    const call = withPolicies(it1, { registry: mine, ...options });
    const stop = mine.on('call', () => undefined);
    expect(await through(call)).toBe(3);
    stop();
    expect(await through(call)).toBe(0);
    call.breaker!.trip();
    layers.mockClear();
    await rejectionOf(call());
    expect(layers).toHaveBeenCalledTimes(1);
  });

  it.each(SHORT.map((options) => [Object.keys(options).join(), options]))('inside one that hands down its deadline: %s', async (_what, options) => {
    const inner = withPolicies(it1, { registry: registry(), ...options });
    expect(await through(withPolicies(() => inner(), { registry: registry(), timeout: '2m' }))).toBe(3);
  });

  it('of a timeout while a test owns the timers', async () => {
    const call = withPolicies(it1, { registry: registry(), timeout: '1m' });
    expect(await through(call)).toBe(0);
    jest.useFakeTimers();
    expect(await through(call)).toBe(3);
  });

  it('after its operation was taken out of the registry, once', async () => {
    const mine = registry();
    const call = withBreaker(it1, { registry: mine, name: 'op' });
    expect(await through(call)).toBe(0);
    mine.delete('op');
    layers.mockClear();
    for (let n = 0; n < 3; n++) await call();
    expect(layers).toHaveBeenCalledTimes(1);
  });

  it('after a wrapper around it has named a registry, once, though others still share its operation in the default one', async () => {
    const named = registry();
    const call = withBreaker(it1, { name: 'moved' });
    withBreaker(it1, { name: 'moved' });
    expect(await through(call)).toBe(0);
    const before = defaultRegistry.get('moved')!.stats.successes;

    withRetry(call, { registry: named });
    layers.mockClear();
    for (let n = 0; n < 3; n++) await call();

    expect(layers).toHaveBeenCalledTimes(1);
    expect(defaultRegistry.get('moved')!.stats.successes).toBe(before);
    expect(named.get('moved')!.stats.successes).toBe(3);
    defaultRegistry.delete('moved');
  });
});

describe('the runs of a timeout that nobody looks at', () => {
  /** How many were made for some rounds of calls side by side. */
  async function runs(sideBySide: number, rounds: number, act: () => unknown = () => undefined): Promise<number> {
    const fn = pending();
    const call = withPolicies(() => { act(); return fn(); }, { registry: registry(), timeout: '1m' });
    const warm = call();
    fn.calls[0]!.resolve('it');
    await warm;
    attempts.mockClear();
    for (let round = 0; round < rounds; round++) {
      const calls = Array.from({ length: sideBySide }, () => call());
      for (const { resolve } of fn.calls) resolve('it');
      await Promise.all(calls);
    }
    return attempts.mock.calls.length;
  }

  it('are used again by those that come after: one after the other', async () => {
    expect(await runs(1, 20)).toBeLessThanOrEqual(1);
  });

  it('and side by side, up to 64', async () => {
    const first = await runs(64, 1);
    expect(await runs(64, 5)).toBe(first);
    expect((await runs(100, 3)) - (await runs(100, 1))).toBeGreaterThanOrEqual(2 * (100 - 64) - 2);
  });

  it('are made anew once somebody looks', async () => {
    expect(await runs(1, 20, currentCall)).toBeGreaterThanOrEqual(19);
  });
});

describe('a listener', () => {
  const rare: (keyof BreakerEvents)[] = ['transition', 'reject', 'override'];
  const ofEachAttempt: (keyof BreakerEvents)[] = ['success', 'failure', 'ignored', 'late', 'probe'];

  it.each([...rare.map((type) => [type, 0] as const), ...ofEachAttempt.map((type) => [type, 3] as const)])(
    'to %s, at the breaker or at the registry, makes %d of three calls take the long way',
    async (type, long) => {
      const registry = new BreakerRegistry();
      const call = withBreaker(async () => 'it', { registry });
      await call();
      for (const emitter of [call.breaker!, registry]) {
        const stop = (emitter as BreakerRegistry).on(type, () => undefined);
        layers.mockClear();
        for (let n = 0; n < 3; n++) await call();
        expect(layers).toHaveBeenCalledTimes(long);
        stop();
        layers.mockClear();
        await call();
        expect(layers).not.toHaveBeenCalled();
      }
    },
  );
});

// Last, for there is no way back.
describe('in a program that keeps the call across awaits', () => {
  it('calls go through the layers, and to the ambient registry', async () => {
    const call = withBreaker(it1, { name: 'op' });
    const timed = withPolicies(it1, { name: 'timed', timeout: '1m' });
    const [before, beforeTimed] = [await through(call), await through(timed)];
    enableCallContext();
    expect([before, beforeTimed, await through(call), await through(timed)]).toEqual([0, 0, 3, 3]);
    const tenant = registry();
    await withRegistry(tenant, () => call());
    expect(tenant.get('op')!.stats.calls).toBe(1);
  });
});
