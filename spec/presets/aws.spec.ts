import { BreakerRegistry, ConfigurationError, RetryBudget, withRetry, type RetryOptions } from '../../lib';
import { presets } from '../../lib/presets/index';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** An error as the AWS SDK for JavaScript throws it. */
function awsError(name: string, httpStatusCode?: number, more: object = {}): Error {
  return Object.assign(new Error(name), { name, $fault: 'client', $metadata: { httpStatusCode, attempts: 1 }, ...more });
}

/** The linear congruential generator of Numerical Recipes: the same numbers at each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

const THROTTLING: [string, Error][] = [
  ...[
    'BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException', 'PriorRequestNotComplete',
    'ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException', 'SlowDown',
    'ThrottledException', 'Throttling', 'ThrottlingException', 'TooManyRequestsException', 'TransactionInProgressException',
  ].map((name): [string, Error] => [name, awsError(name, 400)]),
  ['a throttling name with status 503', awsError('SlowDown', 503)],
  ['status 429', awsError('Unknown', 429)],
  ['a modelled throttling error', awsError('Busy', 400, { $retryable: { throttling: true } })],
];

const TRANSIENT: [string, Error][] = [
  ...['RequestTimeout', 'RequestTimeoutException', 'InternalError', 'IDPCommunicationError'].map((name): [string, Error] => [name, awsError(name, 400)]),
  ...[500, 502, 503, 504].map((status): [string, Error] => [`status ${status}`, awsError('Unknown', status)]),
  ...['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE'].map((code): [string, Error] => [code, withCode(code)]),
  ['the status of its response', awsError('Unknown', undefined, { $response: { statusCode: 503 } })],
  ['the status of another client', Object.assign(new Error('Unknown'), { response: { status: 503 } })],
  ['a modelled transient error', awsError('Busy', 400, { $retryable: {} })],
  ['a fetch that failed', new TypeError('fetch failed', { cause: withCode('ECONNRESET') })],
];

const OTHERS: [string, unknown][] = [
  ['AccessDeniedException', awsError('AccessDeniedException', 403)],
  ['ValidationException', awsError('ValidationException', 400)],
  ['ResourceNotFoundException', awsError('ResourceNotFoundException', 404)],
  ['an abort', new DOMException('cancelled', 'AbortError')],
  ['a slip', new TypeError('x is not a function')],
  ['undefined', undefined],
  ['a text', 'down'],
];

describe('presets.aws', () => {
  let clock: TimerClock;
  let registry: BreakerRegistry;

  beforeEach(() => {
    clock = new TimerClock();
    registry = new BreakerRegistry({ clock, random: () => 0.5 });
  });

  /** @returns The delays of the waits, and how often the function ran. */
  async function run(options: RetryOptions, ...steps: Step[]): Promise<{ delays: number[]; runs: number }> {
    const fn = scripted(...steps);
    const since = clock.delays.length;
    await clock.until(withRetry(fn, { ...options, registry })()).catch(() => undefined);
    return { delays: clock.delays.slice(since), runs: fn.mock.calls.length };
  }

  it.each(TRANSIENT)('retries twice after a transient error, from a base of 50 ms, with full jitter: %s', async (_what, error) => {
    expect(await run(presets.aws(), fails(error))).toEqual({ delays: [25, 50], runs: 3 });
  });

  it.each(THROTTLING)('retries twice when throttled, from a base of 1 s, with full jitter: %s', async (_what, error) => {
    expect(await run(presets.aws(), fails(error))).toEqual({ delays: [500, 1000], runs: 3 });
  });

  it.each(OTHERS)('does not retry other errors: %s', async (_what, error) => {
    expect(await run(presets.aws(), fails(error))).toEqual({ delays: [], runs: 1 });
  });

  it('caps delays at 20 s', async () => {
    const { delays } = await run({ ...presets.aws(), maxAttempts: 12 }, fails(awsError('Throttling')));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000]);
  });

  it.each([
    ['within its bounds', '3000', 3000],
    ['never below the computed delay', '10', 500],
    ['at most 5 s above it', '60000', 5500],
    ['not where it is no number', 'soon', 500],
  ])('honours x-amz-retry-after %s', async (_how, header, delayMs) => {
    const named = { 'x-amz-retry-after': header };
    const places: object[] = [
      { $response: { statusCode: 400, headers: named } },
      { $response: { statusCode: 400, headers: new Headers(named) } },
      { $response: { statusCode: 400, headers: { 'X-Amz-Retry-After': header } } },
      { $response: { statusCode: 400, headers: {} }, response: { headers: named } },
      { response: { status: 400, headers: { 'X-Amz-Retry-After': header } } },
      { headers: named },
    ];
    for (const place of places) {
      expect((await run(presets.aws(), fails(awsError('Throttling', 400, place)), works())).delays).toEqual([delayMs]);
    }
  });

  it('goes by its own backoff alone: rule 45 is not for it', async () => {
    const asked = { $response: { statusCode: 400, headers: { 'retry-after': '3600' } }, headers: { 'retry-after': '3600' } };
    expect((await run(presets.aws(), fails(awsError('Throttling', 400, asked)), works())).delays).toEqual([500]);
  });

  it('has a quota of 500: a transient retry costs 14, a throttled one 5', async () => {
    const drain = async (error: Error): Promise<number> => (await run({ ...presets.aws(), maxAttempts: Infinity }, fails(error))).runs - 1;
    expect(await drain(awsError('InternalError', 500))).toBe(Math.floor(500 / 14));
    expect(await drain(awsError('Throttling'))).toBe(500 / 5);
  });

  it.each<[string, Error, number]>([
    ['22 % of attempts fail', awsError('InternalError', 500), 0.22],
    ['32 % are throttled', awsError('Throttling'), 0.32],
  ])('begins to drain its quota, as the guide says, when more than about %s', async (_what, error, limit) => {
    const balanceAt = async (share: number): Promise<number> => {
      const chance = seeded(1);
      const { budget: quota, ...options } = presets.aws();
      const budget = new RetryBudget(quota);
      const fn = async (): Promise<void> => { if (chance() < share) throw error; };
      const call = withRetry(fn, { ...options, budget, registry });
      for (let n = 0; n < 4000; n++) await clock.until(call()).catch(() => undefined);
      return budget.balance;
    };
    expect(await balanceAt(limit - 0.04)).toBeGreaterThan(400);
    expect(await balanceAt(limit + 0.04)).toBeLessThan(100);
  });

  it('shares its quota by name, and has one of its own without', async () => {
    const outage = awsError('InternalError', 500);
    const drained = { maxAttempts: Infinity };
    await run({ ...presets.aws({ budget: 'dynamodb' }), ...drained }, fails(outage));
    expect((await run(presets.aws({ budget: 'dynamodb' }), fails(outage))).runs).toBe(1);
    expect((await run(presets.aws({ budget: 's3' }), fails(outage))).runs).toBe(3);
    expect((await run(presets.aws(), fails(outage))).runs).toBe(3);
  });

  it('is retry options like any others, which can be changed', async () => {
    expect(presets.aws()).toMatchObject({ maxAttempts: 3, baseDelay: 50, budget: { quota: 500 } });
    expect((await run({ ...presets.aws(), maxAttempts: 4 }, fails(awsError('SlowDown')))).runs).toBe(4);
  });

  it.each([null, 'dynamodb', { budget: 5 }, { name: 'x' }])('refuses %p', (given) => {
    expect(() => presets.aws(given as never)).toThrow(ConfigurationError);
  });
});

describe('presets.finagle', () => {
  it('lets retries be 20 % of calls, and 10 a second, of the last ten seconds', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const good = withRetry(scripted(works()), { ...presets.finagle({ budget: 'users' }), registry });
    for (let n = 0; n < 50; n++) await good();
    const fn = scripted(fails());
    const bad = withRetry(fn, { ...presets.finagle({ budget: 'users' }), baseDelay: 0, maxAttempts: Infinity, registry });
    await rejectionOf(clock.until(bad()));
    // 51 calls: ten retries and a bit, and a hundred in any case.
    expect(fn).toHaveBeenCalledTimes(1 + 100 + 10);
    await clock.advance(10_000);
    fn.mockClear();
    await rejectionOf(clock.until(bad()));
    expect(fn).toHaveBeenCalledTimes(1 + 100);
  });

  it('has the attempts and delays of every retry', () => {
    expect(presets.finagle()).toEqual({ budget: { ratio: 0.2, minPerSecond: 10, ttl: '10s' } });
  });

  it.each([null, 'users', { budget: 5 }, { ratio: 1 }])('refuses %p', (given) => {
    expect(() => presets.finagle(given as never)).toThrow(ConfigurationError);
  });
});
