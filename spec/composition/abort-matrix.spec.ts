import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, currentCall, withPolicies, type PolicyOptions } from '../../lib';
import { collectWarnings } from '../registry/support/warnings';
import { reactions, TimerClock } from '../support/timer-clock';

/** What the policies of a stack can know of the scene they are in. */
interface Scene {
  readonly clock: TimerClock;
  readonly isDown: () => boolean;
}

const retry = { maxAttempts: 4, baseDelay: 20, jitter: false } as const;

/**
 * Stacks of one policy, of several, of all. Where calls queue for a slot there is one, so that a slot that is lost stops all; so
 * does one key for all calls.
 */
const STACKS: Readonly<Record<string, (scene: Scene) => PolicyOptions>> = {
  breaker: () => ({ breaker: {} }),
  retry: () => ({ retry }),
  'timeout, abandoning': () => ({ timeout: { duration: 200, mode: 'abandon' } }),
  'timeout, cooperating': () => ({ timeout: { duration: 200, mode: 'cooperative' } }),
  bulkhead: () => ({ bulkhead: { maxConcurrent: 1, maxQueue: 3, maxWait: 150 } }),
  'bulkhead, adapting to failures': () => ({ bulkhead: { maxConcurrent: 1, maxQueue: 3, adaptive: 'aimd' } }),
  'bulkhead, adapting to latency': () => ({ bulkhead: { maxConcurrent: 1, maxQueue: 3, adaptive: 'gradient' } }),
  'rate limit': () => ({ rateLimit: { limit: 1, interval: 60, burst: 2, maxWait: 100 } }),
  throttle: () => ({ throttle: {} }),
  'keyed policies': () => ({
    breaker: { failureThreshold: 99, key },
    throttle: { key },
    rateLimit: { limit: 20, interval: 60, maxWait: 100, key },
    bulkhead: { maxConcurrent: 1, maxQueue: 3, key },
  }),
  fallback: () => ({ fallback: { use: () => 0 } }),
  'fallback that fails in its turn, over a retry': ({ clock }) => ({ fallback: { use: () => failsAfter(10, clock) }, retry }),
  hedge: () => ({ hedge: { delay: 8, maxHedges: 2, idempotent: true } }),
  cache: () => ({ cache: { ttl: 5 } }),
  'cache without coalescing': () => ({ cache: { ttl: 5, coalesce: false } }),
  'chaos that holds up': () => ({ chaos: { latency: 25, enabled: true } }),
  'chaos that fails': ({ isDown }) => ({ retry, chaos: { fault: new Error('drill'), latency: 10, enabled: isDown } }),
  'chaos that answers': ({ isDown }) => ({ chaos: { result: 0, latency: 20, enabled: isDown } }),
  'retry and breaker': () => ({ retry, breaker: { failureThreshold: 99 } }),
  'retry over bulkhead and timeout': () => ({ retry, bulkhead: { maxConcurrent: 1, maxQueue: 3 }, timeout: 200 }),
  everything: () => ({
    fallback: { use: () => 0 },
    cache: { ttl: 5 },
    retry: { ...retry, maxElapsed: 5_000 },
    breaker: { failureThreshold: 99 },
    throttle: {},
    rateLimit: { limit: 20, interval: 60, maxWait: 100 },
    bulkhead: { maxConcurrent: 1, maxQueue: 3 },
    timeout: 200,
    hedge: { delay: 8, maxHedges: 1, idempotent: true },
    chaos: { latency: 1, enabled: true },
  }),
};

/** Those that can protect a stream: neither a hedge nor a cache in them, and no answer that is none. */
const STREAMED = Object.keys(STACKS).filter((name) => !/hedge|cache|answers|fallback|everything/.test(name));

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

/** What is protected: a function, or a stream that fails before its first item or after it. As a function, either way. */
const PROTECTED: Readonly<Record<string, (attempt: Attempt, policies: PolicyOptions) => Attempt>> = {
  'a call': (attempt, policies) => withPolicies(attempt, policies),
  'the opening of a stream': (attempt, policies) =>
    lastOf(withPolicies(async function* (id: number) { yield await attempt(id); }, policies)),
  'a stream': (attempt, policies) =>
    lastOf(
      withPolicies(async function* (id: number) {
        yield 'first';
        yield await attempt(id);
      }, policies),
    ),
};

type Attempt = (id: number) => Promise<unknown>;

const CASES = Object.keys(PROTECTED).flatMap((what) => (what === 'a call' ? Object.keys(STACKS) : STREAMED).map((name) => [what, name] as const));

/** No `AbortError`, by which some layers would know an abort that they had overlooked. */
const enough = new Error('enough');

describe.each(CASES)('an abort of %s through %s', (what, name) => {
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
    const attempt = (id: number): Promise<number> => {
      runs++;
      return isDown ? failsAfter(10, clock) : Promise.resolve(id);
    };
    const policies = STACKS[name]!({ clock, isDown: () => isDown });
    const call = PROTECTED[what]!(attempt, { ...policies, registry: new BreakerRegistry({ clock }), clock, random: () => 0.99 });
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
    // All has ended by then, and nothing follows the signal any more.
    if (abortAt > clock.now()) expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
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

function key(): string {
  return 'all';
}

/** Reads streams to their end. */
function lastOf(stream: (id: number) => AsyncIterable<unknown>): Attempt {
  return async (id) => {
    let last: unknown;
    for await (const item of stream(id)) last = item;
    return last;
  };
}

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
