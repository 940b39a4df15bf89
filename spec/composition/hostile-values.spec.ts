import diagnosticsChannel from 'node:diagnostics_channel';
import fc from 'fast-check';
import { Breaker, BreakerRegistry, withBreakerSync, withPolicies, type PolicyOptions } from '../../lib';
import { logTransitions } from '../../lib/operate';
import { openTelemetryTraces } from '../../lib/adapters/opentelemetry';
import { HOSTILE, HOSTILE_RESULTS } from '../support/hostile-values';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

type Settled = { readonly value: unknown } | { readonly error: unknown };

/** How `await` takes what a function gives: the measure of all others. */
async function settledBy(call: () => unknown): Promise<Settled> {
  try {
    const value = await call();
    return { value };
  } catch (error) {
    return { error };
  }
}

/** The same, when that is soon: these calls wait for nothing. */
async function settledSoon(call: () => unknown): Promise<Settled | 'pending' | 'thrown at once'> {
  let settling: Promise<Settled>;
  try {
    const given = call() as Promise<unknown>;
    settling = given.then((value) => ({ value }), (error: unknown) => ({ error }));
  } catch {
    return 'thrown at once';
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'pending'>((resolve) => { timer = setTimeout(resolve, 2000, 'pending'); });
  const outcome = await Promise.race([settling, late]);
  clearTimeout(timer);
  return outcome;
}

/** The engine makes a fresh error each time that somebody looks at a revoked proxy. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  return one instanceof TypeError && other instanceof TypeError && one.message === other.message;
}

const isSameOutcome = (one: Settled, other: unknown): boolean => {
  if (typeof other !== 'object' || other === null) return false;
  return 'value' in one ? 'value' in other && isSame(one.value, other.value) : 'error' in other && isSame(one.error, other.error);
};

const always = () => true;
const POLICIES: Record<string, PolicyOptions> = {
  breaker: { breaker: {} },
  'breaker with matchers': { breaker: { handle: [RangeError, TypeError], ignore: SyntaxError, handleResult: (value) => value === 'refused' } },
  'breaker with predicates that look': {
    breaker: { handle: (error) => (error as { status: number }).status > 400, handleResult: (value: { ok: boolean }) => value.ok },
  },
  'breaker with classify': { breaker: { classify: (outcome) => (outcome.ok ? 'success' : 'failure') } },
  'breaker with a window': { breaker: { window: { type: 'time', duration: '10s', minimumCalls: 100, slowCallDuration: '1h', slowCallRate: 0.5 } } },
  'breaker per key': { breaker: { key: () => 'one' } },
  bulkhead: { bulkhead: 1 },
  'adaptive bulkhead': { bulkhead: { maxConcurrent: 1, adaptive: { algorithm: 'aimd' } } as never },
  timeout: { timeout: 10_000 },
  'cooperative timeout': { timeout: { duration: 10_000, mode: 'cooperative' } },
  retry: { retry: { maxAttempts: 2, baseDelay: 0 } },
  'retry with a budget': { retry: { maxAttempts: 2, baseDelay: 0, budget: { ratio: 1, cost: (error: unknown) => (error as { cost: number }).cost }, maxElapsed: '1h' } },
  'retry that learns': { retry: { maxAttempts: 2, baseDelay: 0, backoff: 'adaptive', handleResult: () => false, onRetry: ({ error }) => String(error) } },
  'rate limit': { rateLimit: { limit: 1000, interval: '1s' } },
  throttle: { throttle: {} },
  cache: { cache: '1h' },
  'cache of one call each': { cache: { ttl: '1h', coalesce: false } },
  hedge: { hedge: { delay: 10_000, idempotent: true } },
  'hedge that learns': { hedge: { delay: { quantile: 0.9 }, idempotent: true } as never },
  'fallback that passes on': { fallback: { use: () => 'other', handle: () => false } },
  chaos: { chaos: { rate: 0, fault: new Error('fault'), enabled: always } as never },
  'all of them': { breaker: {}, bulkhead: 1, timeout: 10_000, retry: { maxAttempts: 2, baseDelay: 0 }, throttle: {}, rateLimit: { limit: 1000, interval: '1s' }, cache: '1h' },
};

/** Somebody who looks at all that a registry tells. */
function observed(registry: BreakerRegistry): () => void {
  const look = (event: unknown): void => { void JSON.stringify(event); };
  const log = { info: look, warn: look };
  const stops = [
    ...(['transition', 'reject', 'call', 'attempt', 'retry', 'success', 'failure', 'ignored', 'late', 'probe', 'timeout', 'fallback', 'cache', 'hedge'] as const).map((type) =>
      registry.on(type as never, look),
    ),
    logTransitions(registry, log),
    openTelemetryTraces(registry, { attempts: true }),
  ];
  const channels = ['transition', 'retry', 'late', 'reject', 'probe'].map((name) => `breaker-box:${name}`);
  const listen = (): void => undefined;
  for (const channel of channels) diagnosticsChannel.subscribe(channel, listen);
  return () => {
    for (const stop of stops) stop();
    for (const channel of channels) diagnosticsChannel.unsubscribe(channel, listen);
  };
}

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => { unhandled.push(reason); };

beforeAll(() => {
  process.on('unhandledRejection', onUnhandled);
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(async () => {
  await new Promise(setImmediate);
  expect(unhandled.splice(0)).toHaveLength(0);
});

afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
  jest.restoreAllMocks();
});

const WAYS: Record<string, (value: unknown) => () => unknown> = {
  returned: (value) => () => value,
  thrown: (value) => () => { throw value; },
  rejected: (value) => () => new Promise((_resolve, reject) => { reject(value); }),
  resolved: (value) => async () => value,
};

// Point 8 of the field's rules: a result that throws when it is looked at is an outcome like any other.
describe('a hostile value', () => {
  const anyValue = fc.constantFrom(...HOSTILE_RESULTS);
  const anyWay = fc.constantFrom(...Object.entries(WAYS));

  it.each(Object.entries(POLICIES))('reaches the caller of %s as `await` would give it, and holds no slot', async (_name, policies) => {
    await fc.assert(
      fc.asyncProperty(anyValue, anyWay, fc.boolean(), fc.integer({ min: 1, max: 2 }), async ([, make], [, inWay], isObserved, times) => {
        // What has failed once is not held back by a throttle.
        const registry = new BreakerRegistry({ random: () => 0.999 });
        const stop = isObserved ? observed(registry) : () => undefined;
        const give = inWay(make());
        const call = withPolicies((async_: string): Promise<unknown> => (async_ === 'good' ? Promise.resolve('good') : (give() as Promise<unknown>)), {
          name: 'op', registry, ...policies,
        });
        try {
          for (let n = 0; n < times; n++) {
            const outcome = await settledSoon(() => call('hostile'));
            expect(isSameOutcome(await settledBy(give), outcome)).toBe(true);
          }
          expect(await settledSoon(() => call('good'))).toEqual({ value: 'good' });
        } finally {
          stop();
        }
      }),
      { numRuns: runs(60) },
    );
  });

  it('given where the first call is slow ends its hedge, and no process', async () => {
    for (const [, make] of HOSTILE_RESULTS) {
      const clock = new TimerClock();
      let runs = 0;
      const slow = (): Promise<unknown> => new Promise((resolve) => { clock.setTimeout(() => { resolve('slow'); }, 8); });
      const call = withPolicies((): Promise<unknown> => (runs++ === 0 ? slow() : (make() as Promise<unknown>)), {
        name: 'op', registry: new BreakerRegistry({ clock }), hedge: { delay: 1, idempotent: true },
      });
      const outcome = settledSoon(call);
      await clock.advance(8);
      expect([typeof (await outcome), runs]).toEqual(['object', 2]);
    }
  });

  it('is shared by calls that wait for the same, and leaves no flight behind', async () => {
    for (const [, make] of HOSTILE_RESULTS) {
      let runs = 0;
      const value = make();
      const call = withPolicies((): Promise<unknown> => { runs++; return value as Promise<unknown>; }, { name: 'op', registry: new BreakerRegistry(), cache: '1h' });
      const expected = await settledBy(() => value);
      const outcomes = await Promise.all([settledSoon(call), settledSoon(call)]);
      expect(outcomes.map((outcome) => isSameOutcome(expected, outcome))).toEqual([true, true]);
      expect(runs).toBe(1);
      expect(isSameOutcome(expected, await settledSoon(call))).toBe(true);
    }
  });

  it('is answered for by a fallback, which gets it as it is', async () => {
    for (const [, make] of HOSTILE) {
      const value = make();
      let got: unknown = 'nothing';
      const call = withPolicies(async (): Promise<unknown> => { throw value; }, {
        name: 'op', registry: new BreakerRegistry(), fallback: { use: (error: unknown) => { got = error; return 'other'; }, handle: always },
      });
      expect([await settledSoon(call), Object.is(got, value)]).toEqual([{ value: 'other' }, true]);
    }
  });

  it.each(Object.entries(WAYS))('%s goes through Breaker#execute, and counts once', async (_how, inWay) => {
    for (const [, make] of HOSTILE_RESULTS) {
      const breaker = new Breaker();
      const give = inWay(make());
      const outcome = await settledSoon(() => breaker.execute(give));
      const expected = await settledBy(give);
      expect(isSameOutcome(expected, outcome)).toBe(true);
      expect(breaker.stats.calls).toBe(1);
    }
  });

  it('goes through synchronous functions untouched', () => {
    for (const [, make] of HOSTILE_RESULTS) {
      const value = make();
      const breaker = new Breaker();
      const registry = new BreakerRegistry();
      const wrapped = withBreakerSync(((fails: boolean) => { if (fails) throw value; return value; }) as (fails: boolean) => never, { name: 'op', registry });
      expect([Object.is(breaker.executeSync(() => value), value), Object.is(wrapped(false), value)]).toEqual([true, true]);
      for (const run of [() => breaker.executeSync(() => { throw value; }), () => wrapped(true)]) {
        let thrown: unknown = 'nothing';
        try { run(); } catch (error) { thrown = error; }
        expect(Object.is(thrown, value)).toBe(true);
      }
      expect(breaker.stats.calls).toBe(2);
    }
  });

  it('settles a permit', () => {
    for (const [, make] of HOSTILE_RESULTS) {
      const breaker = new Breaker({ handleResult: (value: { ok: boolean }) => value.ok });
      breaker.acquire().success(make());
      breaker.acquire().failure(make());
      expect(breaker.stats).toMatchObject({ calls: 2, successes: 1, failures: 1 });
    }
  });
});
