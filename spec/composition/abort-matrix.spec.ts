import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, currentCall, withPolicies, type PolicyOptions } from '../../lib';
import { collectWarnings } from '../registry/support/warnings';
import { reactions, TimerClock } from '../support/timer-clock';

/** Stacks of one policy, of several, of all. Where calls queue for a slot there is one, so that a slot that is lost stops all. */
const STACKS: Readonly<Record<string, PolicyOptions>> = {
  breaker: { breaker: {} },
  retry: { retry: { maxAttempts: 4, baseDelay: 20, jitter: false } },
  'timeout, abandoning': { timeout: { duration: 200, mode: 'abandon' } },
  'timeout, cooperating': { timeout: { duration: 200, mode: 'cooperative' } },
  bulkhead: { bulkhead: { maxConcurrent: 1, maxQueue: 3, maxWait: 150 } },
  'rate limit': { rateLimit: { limit: 1, interval: 60, burst: 2, maxWait: 100 } },
  throttle: { throttle: {} },
  hedge: { hedge: { delay: 8, maxHedges: 2, idempotent: true } },
  cache: { cache: { ttl: 5 } },
  'cache without coalescing': { cache: { ttl: 5, coalesce: false } },
  chaos: { chaos: { latency: 25, enabled: true } },
  'retry and breaker': { retry: { maxAttempts: 4, baseDelay: 20, jitter: false }, breaker: { failureThreshold: 99 } },
  'retry over bulkhead and timeout': {
    retry: { maxAttempts: 4, baseDelay: 20, jitter: false },
    bulkhead: { maxConcurrent: 1, maxQueue: 3 },
    timeout: 200,
  },
  everything: {
    cache: { ttl: 5 },
    retry: { maxAttempts: 4, baseDelay: 20, jitter: false, maxElapsed: 5_000 },
    breaker: { failureThreshold: 99 },
    throttle: {},
    rateLimit: { limit: 20, interval: 60, maxWait: 100 },
    bulkhead: { maxConcurrent: 1, maxQueue: 3 },
    timeout: 200,
    hedge: { delay: 8, maxHedges: 1, idempotent: true },
    chaos: { latency: 1, enabled: true },
  },
};

/** When the caller gives up, in a scene where every attempt takes 10 ms and fails until the caller has given up. */
const MOMENTS: Readonly<Record<string, number>> = {
  'before the call': -1,
  'at the moment of the call': 0,
  'during the first attempt': 5,
  'while hedged': 9,
  'when the first attempt has failed, or during the wait for the second': 10,
  'during a wait': 25,
  'during a later attempt': 35,
  'during a later wait': 60,
  'long after the call': 3_000,
};

const enough = new DOMException('enough', 'AbortError');

describe.each(Object.entries(STACKS))('an abort of a call through %s', (_name, policies) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  let warnings: ReturnType<typeof collectWarnings>;

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
    warnings = collectWarnings();
  });

  afterEach(() => {
    process.off('unhandledRejection', note);
    warnings.stop();
  });

  it.each(Object.entries(MOMENTS))('%s leaves no timer, listener, slot or unhandled rejection', async (_moment, abortAt) => {
    const clock = new TimerClock();
    const controller = new AbortController();
    let isDown = true;
    let runs = 0;
    const fn = (id: number): Promise<number> => {
      runs++;
      return isDown ? failsAfter(10, clock) : Promise.resolve(id);
    };
    const call = withPolicies(fn, { ...policies, registry: new BreakerRegistry({ clock }), clock, random: () => 0.99 });
    const callers = new Breaker({ clock, failureThreshold: Infinity });
    const start = (id: number, signal?: AbortSignal): Promise<unknown> =>
      callers.execute(() => call(id), signal && { signal }).catch((error: unknown) => error);
    if (abortAt < 0) controller.abort(enough);
    else clock.setTimeout(() => controller.abort(enough), abortAt);
    // Others run and wait beside it, with and without a signal of their own; the first of them asks the same.
    const others = [start(1), start(2)];
    const endedAt: number[] = [];
    const aborted = [start(1, controller.signal), start(3, controller.signal)];
    aborted.forEach((one, index) => void one.then(() => (endedAt[index] = clock.now())));
    await reactions();

    await clock.advance(2_000);
    const runsByThen = runs;
    await clock.advance(5_000);

    const results = await Promise.all(aborted);
    expect(runs).toBe(runsByThen);
    const abortedAt = Math.max(abortAt, 0);
    endedAt.forEach((at, index) => {
      expect(at).toBeLessThanOrEqual(abortedAt);
      // Nothing else ends between the tens.
      if (at === abortedAt && at % 10 !== 0) expect(results[index]).toBe(enough);
    });
    await Promise.all(others);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(clock.armed).toBe(0);
    isDown = false;
    await clock.advance(1_000);
    const last = start(4);
    await clock.advance(500);
    expect(await last).toBe(4);
    expect(clock.armed).toBe(0);
    await reactions();
    expect(unhandled).toEqual([]);
  });
});

/** As `fetch` would: it heeds its signal, takes its timer along, and rejects. */
function failsAfter(ms: number, clock: TimerClock): Promise<never> {
  const signal = currentCall()?.signal;
  return new Promise((_resolve, reject) => {
    const end = (reason: unknown): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      reject(reason as Error);
    };
    const abort = (): void => end(signal!.reason);
    const timer = clock.setTimeout(() => end(new Error('down')), ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}
