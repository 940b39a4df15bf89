import { BreakerRegistry, CircuitOpenError, ConfigurationError, OperationTimeoutError, Resilient, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { fails, pending, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

const url = 'https://example.com/';
const answer = (status: number, headers: Record<string, string> = {}): Step => works({ status, headers: new Headers(headers) });
const refused = () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

function protectedFetch(steps: Step[], overrides: PolicyOptions = {}) {
  const clock = new TimerClock();
  const fn = scripted(...steps);
  const call = withPolicies(fn, { ...presets.http(overrides), clock, registry: new BreakerRegistry() });
  return { fn, clock, call, run: (...args: unknown[]) => clock.until(call(...args)) };
}

describe('presets.http', () => {
  it.each([408, 425, 429, 500, 503])('tries a response with status %i again, and gives the last one after three attempts', async (status) => {
    const { fn, run, clock } = protectedFetch([answer(status)]);
    expect(await run(url)).toMatchObject({ status });
    expect(fn).toHaveBeenCalledTimes(3);
    expect(clock.armed).toBe(0);
  });

  it.each([200, 400, 401, 404, 422])('takes a response with status %i as it is', async (status) => {
    const { fn, run } = protectedFetch([answer(status)]);
    expect(await run(url)).toMatchObject({ status });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('tries a failed connection again, and the error of an answer only where it may pass', async () => {
    const first = protectedFetch([fails(refused()), answer(200)]);
    expect(await first.run(url)).toMatchObject({ status: 200 });
    const second = protectedFetch([fails(Object.assign(new Error('HTTP 404'), { status: 404 }))]);
    await rejectionOf(second.run(url));
    expect(second.fn).toHaveBeenCalledTimes(1);
  });

  it('never repeats what may not be repeated', async () => {
    const { fn, run } = protectedFetch([answer(503)]);
    expect(await run(url, { method: 'POST' })).toMatchObject({ status: 503 });
    expect(fn).toHaveBeenCalledTimes(1);
    await run(url, { method: 'POST', headers: { 'Idempotency-Key': 'a1' } });
    expect(fn).toHaveBeenCalledTimes(4);
  });

  it('repeats nothing whose arguments show no request, and says so once; idempotent says otherwise', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const silent = protectedFetch([answer(503)]);
    await silent.run('order-7');
    await silent.run('order-8');
    expect(silent.fn).toHaveBeenCalledTimes(2);
    expect(warnings.mock.calls).toEqual([[expect.stringContaining('idempotent'), expect.objectContaining({ code: 'BREAKER_BOX_UNKNOWN_REQUEST' })]]);
    const told = protectedFetch([answer(503)], { retry: { idempotent: true } });
    await told.run('order-7');
    expect(told.fn).toHaveBeenCalledTimes(3);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it('hedges only what may be repeated, as the retry does, unless the hedge says otherwise', async () => {
    const runsOf = async (overrides: PolicyOptions, ...args: unknown[]): Promise<number> => {
      const clock = new TimerClock();
      const fn = pending();
      const call = withPolicies(fn, { ...presets.http(overrides), clock, registry: new BreakerRegistry() });
      const result = call(...args);
      await clock.advance(5);
      for (const run of fn.calls) run.resolve({ status: 200 });
      await result;
      expect(clock.armed).toBe(0);
      return fn.calls.length;
    };
    const post = { method: 'POST', body: 'x' };
    expect(await runsOf({ hedge: '5ms' }, url)).toBe(2);
    expect(await runsOf({ hedge: '5ms' }, url, post)).toBe(1);
    expect(await runsOf({ hedge: { delay: 5 } }, url, post)).toBe(1);
    expect(await runsOf({ hedge: { delay: 5 } }, url, { ...post, headers: { 'Idempotency-Key': 'a1' } })).toBe(2);
    expect(await runsOf({ hedge: 5, retry: { idempotent: true } }, url, post)).toBe(2);
    expect(await runsOf({ hedge: { delay: 5, idempotent: true } }, url, post)).toBe(2);
    expect(await runsOf({ hedge: { delay: 5, idempotent: false } }, url)).toBe(1);
  });

  it('waits as long as Retry-After asks, and a spread, on a value as on an error', async () => {
    const steps = [answer(429, { 'retry-after': '7' }), fails({ status: 503, headers: { 'retry-after': '3' } }), answer(200)];
    const { clock, run } = protectedFetch(steps, { retry: { random: () => 0.5 } });
    await run(url);
    expect(clock.delays.filter((ms) => ms < 10_000)).toEqual([7000 + 200 / 2, 3000 + 400 / 2]);
  });

  it('gives up at once when Retry-After asks for longer than the call may take, and never comes early', async () => {
    const { clock, fn, run } = protectedFetch([answer(503, { 'retry-after': '3600' })]);
    expect(await run(url)).toMatchObject({ status: 503 });
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(0);
  });

  it('opens the circuit at half of ten attempts, by 5xx and connections, and not by 4xx or 429', async () => {
    const once = { retry: { maxAttempts: 1 } };
    const refusing = protectedFetch([answer(429)], once);
    const broken = protectedFetch([answer(503)], once);
    const unreachable = protectedFetch([fails(refused())], once);
    for (let n = 0; n < 10; n++) {
      for (const { run } of [refusing, broken, unreachable]) await run(url).catch(() => undefined);
    }
    expect(refusing.call.breaker).toMatchObject({ state: 'closed', stats: { successes: 10 } });
    expect(broken.call.breaker).toMatchObject({ state: 'open', stats: { failures: 10 } });
    expect(unreachable.call.breaker?.state).toBe('open');
    // Its cause is a refused connection; that was another call's.
    expect(await rejectionOf(unreachable.run(url))).toBeInstanceOf(CircuitOpenError);
    expect(unreachable.fn).toHaveBeenCalledTimes(10);
  });

  it('counts the caller’s own mistakes for nothing', async () => {
    const { call, run } = protectedFetch([fails(new TypeError('x is not a function'))]);
    await rejectionOf(run(url));
    expect(call.breaker?.stats).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('ends an attempt after ten seconds, and tries again', async () => {
    const clock = new TimerClock();
    const fn = jest.fn(pending());
    const call = withPolicies(fn, { ...presets.http({ retry: { idempotent: true } }), clock, registry: new BreakerRegistry() });
    expect(await rejectionOf(clock.until(call()))).toBeInstanceOf(OperationTimeoutError);
    expect(fn.mock.calls.length).toBeGreaterThan(1);
    expect(clock.now()).toBeLessThanOrEqual(30_000 + 10_000);
    expect(clock.armed).toBe(0);
  });

  it('protects a method', async () => {
    const registry = new BreakerRegistry();
    const steps = scripted(answer(503), answer(200));
    class Shop {
      @Resilient({ ...presets.http({ retry: { baseDelay: 0 } }), registry })
      async orders(path: string): Promise<unknown> {
        return steps(path);
      }
    }
    expect(await new Shop().orders('/orders')).toMatchObject({ status: 200 });
    expect(registry.get('Shop.orders')?.stats).toMatchObject({ failures: 1, successes: 1 });
  });
});

describe('overrides of a preset', () => {
  it('go over it option by option; undefined leaves what is there', () => {
    const { retry, breaker, timeout } = presets.http({ retry: { maxAttempts: 5, baseDelay: undefined }, breaker: undefined });
    expect(retry).toMatchObject({ maxAttempts: 5, baseDelay: '200ms', maxElapsed: '30s' });
    expect(breaker).toMatchObject({ recoveryTimeout: '30s' });
    expect(timeout).toEqual({ duration: '10s' });
  });

  it('may be short forms, and merge as what they stand for', () => {
    expect(presets.http({ timeout: '2s' }).timeout).toEqual({ duration: '2s' });
    expect(presets.http({ timeout: { mode: 'cooperative' } as never }).timeout).toEqual({ duration: '10s', mode: 'cooperative' });
    expect(presets.database({ bulkhead: 20 }).bulkhead).toEqual({ maxConcurrent: 20, maxQueue: 100, maxWait: '5s' });
  });

  it('add policies that the preset lacks', () => {
    expect(presets.http({ name: 'orders', rateLimit: 10 })).toMatchObject({ name: 'orders', rateLimit: 10 });
  });

  it('take out what the option excludes', () => {
    expect(presets.http({ breaker: { failureThreshold: 3 } }).breaker).not.toHaveProperty('window');
    expect(presets.http({ breaker: { window: { type: 'count', size: 5 } } }).breaker?.window).toEqual({ type: 'count', size: 5 });
    expect(presets.database({ bulkhead: { maxConcurrent: 5, maxQueue: 0 } }).bulkhead).toEqual({ maxConcurrent: 5, maxQueue: 0 });
  });

  it.each(['http', 'llm', 'database'] as const)('make a fresh object of presets.%s each time, and leave the user’s alone', (name) => {
    const given = { retry: { maxAttempts: 2 } };
    const first = presets[name](given);
    first.retry!.maxAttempts = 9;
    delete first.breaker;
    expect(given).toEqual({ retry: { maxAttempts: 2 } });
    expect(presets[name]().retry!.maxAttempts).not.toBe(9);
    expect(presets[name]().breaker).toBeDefined();
  });

  it.each(['http', 'llm', 'database'] as const)('presets.%s can be applied without a warning', (name) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const call = withPolicies(async () => 1, { ...presets[name](), registry: new BreakerRegistry() });
    expect(call.pipeline.map(({ policy }) => policy)).toEqual(expect.arrayContaining(['retry', 'breaker', 'timeout']));
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it.each([null, 5, 'fast', []])('are refused when they are %p', (given) => {
    for (const preset of [presets.http, presets.llm, presets.database]) expect(() => preset(given as never)).toThrow(ConfigurationError);
  });

  it('with unknown names are refused where they are applied, with a suggestion', () => {
    const apply = () => withPolicies(async () => 1, presets.http({ retry: { maxAttemps: 3 } as never, bulkhaed: 3 } as never));
    expect(apply).toThrow(/maxAttempts/);
    expect(apply).toThrow(/bulkhead/);
  });

  it('keep hostile names as names', () => {
    const merged = presets.http(JSON.parse('{"__proto__": {"polluted": true}}') as PolicyOptions);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });
});
