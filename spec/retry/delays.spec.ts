import fc from 'fast-check';
import { BreakerRegistry, retryBudget, withRetry, type Duration, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

/** The waits of a call that fails at every attempt. */
async function waitsOf(options: RetryOptions, error: unknown = new Error('down')): Promise<number[]> {
  const clock = new TimerClock();
  const fetchUser = withRetry(scripted(fails(error)), {
    random: () => 0.5, clock, registry: new BreakerRegistry(), ...options,
  });
  await rejectionOf(clock.until(fetchUser()));
  return clock.delays;
}

describe('rule 19: the waits between attempts', () => {
  it('are by default drawn from 1 s, then 2 s, in three attempts', async () => {
    expect(await waitsOf({})).toEqual([500, 1000]);
  });

  it('are capped before jitter', async () => {
    const options: RetryOptions = { maxAttempts: 6, baseDelay: 100, maxDelay: 500 };
    expect(await waitsOf({ ...options, jitter: false })).toEqual([100, 200, 400, 500, 500]);
    expect(await waitsOf({ ...options, jitter: 'full' })).toEqual([50, 100, 200, 250, 250]);
    expect(await waitsOf({ ...options, jitter: 'equal', random: () => 0 })).toEqual([50, 100, 200, 250, 250]);
    expect(await waitsOf({ ...options, jitter: 0.2, random: () => 0.75 })).toEqual([110, 220, 440, 500, 500].map((wait) => expect.closeTo(wait) as number));
  });

  it('are five minutes at most, unless told otherwise', async () => {
    expect(Math.max(...(await waitsOf({ maxAttempts: 30, jitter: false })))).toBe(300_000);
  });

  it('follow the backoff that is named', async () => {
    const options: RetryOptions = { maxAttempts: 5, baseDelay: '100ms', jitter: false };
    expect(await waitsOf({ ...options, backoff: 'exponential', exponentialBase: 3 })).toEqual([100, 300, 900, 2700]);
    expect(await waitsOf({ ...options, backoff: 'fixed' })).toEqual([100, 100, 100, 100]);
    expect(await waitsOf({ ...options, backoff: 'linear' })).toEqual([100, 200, 300, 400]);
  });

  it('grow from the previous one when decorrelated, without further jitter', async () => {
    // U(100, 300) = 200, U(100, 600) = 350, U(100, 1050) = 575
    const options: RetryOptions = { maxAttempts: 4, baseDelay: 100, backoff: 'decorrelated' };
    expect(await waitsOf({ ...options, jitter: 'full' })).toEqual([200, 350, 575]);
    expect(await waitsOf({ ...options, jitter: false, maxDelay: 400 })).toEqual([200, 350, 400]);
  });

  it('double under an adaptive backoff while attempts fail, and halve when most work', async () => {
    const clock = new TimerClock();
    const fn = scripted(...Array.from({ length: 9 }, () => works()), fails(), works());
    const fetchUser = withRetry(fn, { backoff: 'adaptive', baseDelay: 100, jitter: false, clock });

    for (let call = 0; call < 10; call++) await clock.until(fetchUser());

    expect(clock.delays).toEqual([50]);
    expect(await waitsOf({ backoff: 'adaptive', baseDelay: 100, maxDelay: 300, jitter: false })).toEqual([200, 300]);
  });

  it('double under an adaptive backoff while results are refused: they are no successes', async () => {
    const clock = new TimerClock();
    const options: RetryOptions = { backoff: 'adaptive', baseDelay: 100, jitter: false, clock, registry: new BreakerRegistry() };
    const fetchUser = withRetry(scripted(works(503)), { ...options, handleResult: (status) => status === 503 });

    expect(await clock.until(fetchUser())).toBe(503);

    expect(clock.delays).toEqual([200, 400]);
  });

  it('are those of a function of one’s own, which is told the number of the failed attempt', async () => {
    const error = new Error('down');
    const backoff = jest.fn((attempt: number): Duration => (attempt === 1 ? '2s' : 300));

    expect(await waitsOf({ backoff, name: 'users.fetch' }, error)).toEqual([2000, 300]);
    expect(backoff.mock.calls).toEqual([
      [1, { error, previous: undefined, operation: 'users.fetch', random: expect.any(Function) }],
      [2, { error, previous: 2000, operation: 'users.fetch', random: expect.any(Function) }],
    ]);
  });

  it('of one’s own are capped too', async () => {
    expect(await waitsOf({ backoff: () => 9000, baseDelay: 10, maxDelay: 700 })).toEqual([700, 700]);
    expect(await waitsOf({ backoff: () => Infinity, baseDelay: 10, maxDelay: 700 })).toEqual([700, 700]);
  });

  it('are the computed ones, jittered as usual, where the function of one’s own has none', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const backoff = (attempt: number) => (attempt === 1 ? undefined : 300);

    expect(await waitsOf({ backoff, baseDelay: 100, jitter: false })).toEqual([100, 300]);
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it('of one’s own may be 0', async () => {
    expect(await waitsOf({ backoff: () => 0, baseDelay: 100 })).toEqual([0, 0]);
  });

  it('of one’s own that are none are told of with what they must be', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

    await waitsOf({ backoff: () => -1 });

    const [message, { detail }] = warnings.mock.calls[0] as unknown as [string, { detail: string }];
    expect(message).toMatch(/^The function 'backoff' threw/);
    expect(detail).toContain('backoff must give a duration >= 0');
    warnings.mockRestore();
  });

  it.each([
    ['throws', () => { throw new Error('broken'); }],
    ['gives a negative delay', () => -1],
    ['gives NaN', () => Number.NaN],
    ['gives no duration', () => 'soon' as never],
  ])('are the computed ones when the function of one’s own %s, with one warning', async (_case, backoff) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

    expect(await waitsOf({ backoff, baseDelay: 100, jitter: false })).toEqual([100, 200]);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it.each([
    ['a promise that rejects, from backoff', { backoff: (async () => { throw new Error('broken'); }) as never }],
    ['a promise that rejects, as the cost of a budget', { budget: retryBudget({ cost: (async () => { throw new Error('broken'); }) as never }) }],
  ])('do not leave a rejection unhandled: %s', async (_what, options) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);

    expect(await waitsOf({ ...options, baseDelay: 100, jitter: false })).toEqual([100, 200]);
    await reactions();
    await reactions();

    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it('are chained where they are longer than a timer of the platform can be', async () => {
    const longest = 2 ** 31 - 1;
    const days = await waitsOf({ maxAttempts: 2, backoff: 'fixed', baseDelay: '60d', maxDelay: '60d', jitter: false });

    expect(days.every((delay) => delay <= longest)).toBe(true);
    expect(days.reduce((sum, delay) => sum + delay, 0)).toBe(60 * 24 * 3_600_000);
  });

  it('are never negative, never NaN and never over the cap, whatever the options', async () => {
    const options = fc.record(
      {
        maxAttempts: fc.integer({ min: 1, max: 12 }),
        baseDelay: fc.nat(10_000),
        maxDelay: fc.integer({ min: 10_000, max: 1_000_000 }),
        exponentialBase: fc.double({ min: 1, max: 1e9, noNaN: true }),
        backoff: fc.constantFrom('exponential', 'fixed', 'linear', 'decorrelated', 'adaptive'),
        jitter: fc.oneof(fc.constantFrom(true, false, 'full', 'equal'), fc.double({ min: 0, max: 1, noNaN: true })),
      },
      { requiredKeys: ['maxAttempts', 'baseDelay', 'maxDelay'] },
    );
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(options, random, async (given, drawn) => {
        const waits = await waitsOf({ ...(given as RetryOptions), random: () => drawn });
        expect(waits).toHaveLength(given.maxAttempts - 1);
        expect(waits.filter((wait) => !(wait >= 0 && wait <= given.maxDelay))).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });
});
