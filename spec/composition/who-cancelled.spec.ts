import { Breaker, BreakerRegistry, currentCall, withBreakerSync, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { ErrorRecoveryManager } from '../../lib/recovery';
import { fails, rejectionOf, scripted, works } from './support/flaky';
import { CANCELLATIONS, TIMEOUTS_BY_ABORT } from '../support/cancellations';
import { reactions, TimerClock } from '../support/timer-clock';

/** A call that fails once with `error`, then works. */
function callFailing(error: unknown, policies: PolicyOptions) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock, random: () => 0 });
  const fn = scripted(fails(error), works('second'));
  return { clock, fn, registry, call: withPolicies(fn, { name: 'api', registry, ...policies }) };
}

const result = async (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown);
const repeats = { maxAttempts: 2, baseDelay: 0, idempotent: true } as const;
const PRESETS = { http: presets.http, database: presets.database, llm: presets.llm };

describe.each(CANCELLATIONS)('rule 40: a cancellation in the words of %s', (_client, make) => {
  const error = make();

  it('is not tried again, and counts for nothing', async () => {
    const { clock, call, fn } = callFailing(error, { retry: repeats, breaker: { failureThreshold: 1 } });
    expect(await clock.until(result(call()))).toBe(error);
    expect([fn.mock.calls.length, call.breaker!.state, call.breaker!.stats.failures, call.breaker!.stats.ignored]).toEqual([1, 'closed', 0, 1]);
  });

  it.each(Object.entries(PRESETS))('is not tried again by presets.%s, and is no outage to it', async (_name, preset) => {
    const { clock, call, fn } = callFailing(error, preset({ retry: repeats, breaker: { failureThreshold: 1 } }));
    expect(await clock.until(result(call()))).toBe(error);
    expect([fn.mock.calls.length, call.breaker!.stats.failures]).toEqual([1, 0]);
  });

  it('gets no answer of a fallback, and starts no hedge', async () => {
    const { clock, call, fn } = callFailing(error, { fallback: () => 'instead', hedge: { delay: 10, idempotent: true } });
    expect(await clock.until(result(call()))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('is no refusal to a throttle, and teaches an adaptive limit nothing', async () => {
    const { clock, call, registry } = callFailing(error, { throttle: { handle: () => true }, bulkhead: { maxConcurrent: 20, adaptive: 'aimd' } });
    const limits: number[] = [];
    registry.on('limit', ({ to }) => limits.push(to));
    await clock.until(result(call()));
    // A throttle that had counted a refusal would hold this one back.
    expect(await clock.until(call())).toBe('second');
    expect(limits).toEqual([]);
  });

  it('counts for nothing where the function is synchronous', () => {
    const call = withBreakerSync(() => { throw error; }, { name: 'sync', registry: new BreakerRegistry(), failureThreshold: 1 });
    expect(() => call()).toThrow();
    expect([call.breaker!.state, call.breaker!.stats.ignored]).toEqual(['closed', 1]);
  });

  it('counts for nothing at the end of a stream', async () => {
    const stream = withPolicies(async function* () { yield 1; throw error; }, { name: 'stream', registry: new BreakerRegistry(), breaker: { failureThreshold: 1 } });
    const read = async (): Promise<void> => { for await (const item of stream()) expect(item).toBe(1); };
    expect(await result(read())).toBe(error);
    expect([stream.breaker!.state, stream.breaker!.stats.ignored]).toEqual(['closed', 1]);
  });

  it('is not tried again by a recovery, and is no failed attempt to its strategy', async () => {
    const recordAttempt = jest.fn();
    const strategy = { shouldRetry: (_attempt: number) => false, getDelay: () => 0, recordAttempt };
    const manager = new ErrorRecoveryManager({ retryStrategy: strategy } as never);
    await result(manager.executeWithRetry(async () => { throw error; }, { operationName: 'op', serviceName: 's' } as never));
    expect(recordAttempt).not.toHaveBeenCalled();
  });
});

describe.each(TIMEOUTS_BY_ABORT)('rule 41: a time-out of the dependency, told by %s of an abort', (_where, make) => {
  const error = make();

  it('is a failure: counted, and tried again', async () => {
    const { clock, call, fn } = callFailing(error, { retry: repeats, breaker: {} });
    expect(await clock.until(result(call()))).toBe('second');
    expect([fn.mock.calls.length, call.breaker!.stats.failures]).toEqual([2, 1]);
  });

  it.each(['http', 'llm'] as const)('is one to presets.%s too', async (name) => {
    const { clock, call } = callFailing(error, PRESETS[name]({ retry: repeats }));
    expect(await clock.until(result(call()))).toBe('second');
    expect(call.breaker!.stats.failures).toBe(1);
  });

  it('starts a hedge at once, and gets the answer of a fallback', async () => {
    const hedged = callFailing(error, { hedge: { delay: 1000, idempotent: true } });
    expect(await hedged.call()).toBe('second');
    expect(await callFailing(error, { fallback: () => 'instead' }).call()).toBe('instead');
  });

  it('is the caller’s cancellation where it is the call’s own signal that was aborted', async () => {
    const clock = new TimerClock();
    const caller = new Breaker({ clock });
    const controller = new AbortController();
    const call = withPolicies(
      () => new Promise((_resolve, reject) => {
        currentCall()!.signal!.addEventListener('abort', () => reject(error as Error));
      }),
      { name: 'api', registry: new BreakerRegistry({ clock }), retry: repeats, breaker: { failureThreshold: 1 } },
    );
    const ended = rejectionOf(caller.execute(() => call(), { signal: controller.signal }));
    await reactions();
    const reason = new DOMException('late', 'TimeoutError');
    controller.abort(reason);
    expect(await clock.until(ended)).toBe(reason);
    expect([call.breaker!.state, call.breaker!.stats.ignored]).toEqual(['closed', 1]);
  });
});

it('rule 41: a time-out of the pipeline’s own is one, whatever word the client has for the abort', async () => {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const call = withPolicies(
    () => new Promise((_resolve, reject) => {
      currentCall()!.signal!.addEventListener('abort', () => reject(Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' })));
    }),
    { name: 'api', registry, breaker: { failureThreshold: 1 }, timeout: { duration: 100, mode: 'cooperative' } },
  );
  expect(await clock.until(rejectionOf(call()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
  expect(call.breaker!.state).toBe('open');
});

it('rule 40: an adaptive backoff learns nothing from what its caller cancelled', async () => {
  const clock = new TimerClock();
  const fn = scripted(...Array.from({ length: 5 }, () => fails(new DOMException('stopped', 'AbortError'))), fails(), works());
  const call = withPolicies(fn, { name: 'api', registry: new BreakerRegistry({ clock }), retry: { backoff: 'adaptive', baseDelay: 100, jitter: false } });
  for (let n = 0; n < 5; n++) await clock.until(result(call()));
  await clock.until(call());
  // One failure is all it knows: half of nothing but that is below 70 %.
  expect(clock.delays).toEqual([200]);
});
