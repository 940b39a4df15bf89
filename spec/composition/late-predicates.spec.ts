import { BreakerRegistry, ConfigurationError, RateLimitedError, withPolicies, type PolicyOptions } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { httpErrorOf } from '../../lib/http';
import { answerTo } from '../../lib/http/error-answer';
import { fails, scripted, works, type Step } from './support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';

/** Gives a promise where an answer is due; the rejection of it is nobody's. */
const late = (): never => Promise.reject(new Error('unheard')) as never;

let warnings: ReturnType<typeof collectWarnings>;
const unheard: unknown[] = [];
const note = (reason: unknown): void => void unheard.push(reason);
beforeEach(() => {
  warnings = collectWarnings();
  unheard.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  warnings.stop();
  expect(unheard).toEqual([]);
});

function setUp(policies: PolicyOptions, ...steps: Step[]) {
  const clock = new TimerClock();
  const fn = scripted(...(steps.length === 0 ? [fails()] : steps));
  const call = withPolicies(fn, { name: 'late', registry: new BreakerRegistry({ clock, random: () => 0 }), ...policies });
  const twice = async (): Promise<unknown> => {
    await clock.until(call().catch(() => undefined));
    return clock.until(call().catch((error: unknown) => error));
  };
  return { clock, fn, call, twice };
}

/** A function of its own for each place: one is warned of once. */
const gives = () => () => late();
const quick = { maxAttempts: 2, baseDelay: 10, jitter: false } as const;

describe('rule 53: a predicate that gives a promise is told so once, and what counts in its place', () => {
  it.each<[string, () => PolicyOptions, string, number]>([
    ['handle of a retry', () => ({ retry: { ...quick, handle: gives() } }), 'every error is handled', 4],
    ['ignore of a retry', () => ({ retry: { ...quick, ignore: gives() } }), 'no error is ignored', 4],
    ['idempotent of a retry', () => ({ retry: { ...quick, idempotent: gives() } }), 'no call is repeated', 2],
    ['handle of a hedge', () => ({ hedge: { delay: 10, idempotent: true, handle: gives() } }), 'every error is handled', 4],
    ['ignore of a hedge', () => ({ hedge: { delay: 10, idempotent: true, ignore: gives() } }), 'no error is ignored', 4],
    ['idempotent of a hedge', () => ({ hedge: { delay: 10, idempotent: gives() } }), 'no call is repeated', 2],
    ['backoff of a retry', () => ({ retry: { ...quick, backoff: gives() } }), 'the computed delay is waited', 4],
    ['retryAfter of a retry', () => ({ retry: { ...quick, retryAfter: gives() } }), 'only headers and fields tell what was asked for', 4],
    ['cost of a budget', () => ({ retry: { ...quick, budget: { quota: 5, cost: gives() } } }), 'a retry withdraws 1', 4],
    ['enabled of chaos', () => ({ chaos: { fault: new Error('drill'), enabled: gives() } }), 'chaos is off', 2],
  ])('%s', async (_what, policies, instead, runs) => {
    const { fn, twice } = setUp(policies());
    await twice();
    expect(fn).toHaveBeenCalledTimes(runs);
    expect(warnings.messages()).toEqual([expect.stringMatching(/returned a promise; it must answer at once\. Until it does, /)]);
    expect(warnings.messages()[0]).toContain(instead);
  });

  it('handleResult of a retry: no value is refused', async () => {
    const { fn, twice } = setUp({ retry: { ...quick, handleResult: gives() } }, works(503));
    expect([await twice(), fn.mock.calls.length, warnings.messages()]).toEqual([503, 2, [expect.stringContaining('no value is refused')]]);
  });

  it.each<[string, PolicyOptions['breaker'], string]>([
    ['handle', { handle: gives() }, 'every error is handled'],
    ['ignore', { ignore: gives() }, 'no error is ignored'],
    ['classify', { classify: gives() }, 'errors count as failures, and values as successes'],
  ])('%s of a breaker', async (_what, breaker, instead) => {
    const { call, twice } = setUp({ breaker });
    await twice();
    expect(call.breaker!.stats).toMatchObject({ failures: 2, ignored: 0, successes: 0 });
    expect(warnings.messages()).toEqual([expect.stringContaining(instead)]);
  });

  it('handle of a fallback, a throttle and an adaptive bulkhead', async () => {
    expect(await setUp({ fallback: { use: () => 'instead', handle: gives() } }).twice()).toBe('instead');
    expect(await setUp({ throttle: { handle: gives() } }).twice()).toMatchObject({ code: 'BREAKER_THROTTLED' });
    await setUp({ bulkhead: { maxConcurrent: 5, adaptive: { algorithm: 'aimd', handle: gives() } } }).twice();
    expect(warnings.messages()).toEqual(Array(3).fill(expect.stringContaining('every error is handled')));
  });

  it('a key: the call rejects, and says why; a cache is passed over', async () => {
    const error = await setUp({ breaker: { key: gives() } }).twice();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining('must return a string at once, not a promise') });
    const cached = setUp({ cache: { ttl: 1000, key: gives() } }, works(1));
    await cached.twice();
    expect(cached.fn).toHaveBeenCalledTimes(2);
    expect(warnings.messages()).toEqual([expect.stringContaining('must return a string at once, not a promise')]);
  });

  it('idempotent of a fetch, asked for a request that is copied', async () => {
    const fetch = jest.fn(async () => new Response('', { status: 503 }));
    const get = fetchWith({ retry: { ...quick, idempotent: gives() }, registry: new BreakerRegistry() }, { fetch });
    const put = () => new Request('http://localhost/', { method: 'PUT', body: 'x' });
    await get(put());
    await get(put());
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(warnings.messages()).toEqual([expect.stringContaining('no call is repeated')]);
  });

  it('the answer of an error mapper', () => {
    const error = new RateLimitedError('api', 1000);
    expect(answerTo(error, gives())!.status).toBe(httpErrorOf(error)!.status);
    expect(warnings.messages()).toEqual([expect.stringContaining('the answer stays as it was')]);
  });
});
