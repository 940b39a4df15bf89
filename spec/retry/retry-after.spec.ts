import { BreakerRegistry, CircuitOpenError, RateLimitedError, withRetry, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const BACKOFF_MS = 77;

/** The one wait after a failure with these fields; `'none'` where the call was given up. */
async function waitAfter(fields: object | Error, options: RetryOptions = {}): Promise<number | 'none'> {
  const clock = new TimerClock(NOW);
  const error = fields instanceof Error ? fields : Object.assign(new Error('busy'), fields);
  const fetchUser = withRetry(scripted(fails(error)), {
    clock, baseDelay: BACKOFF_MS, jitter: false, maxAttempts: 2, registry: new BreakerRegistry(), handle: () => true, ...options,
  });
  expect(await rejectionOf(clock.until(fetchUser()))).toBe(error);
  return clock.delays.length === 0 ? 'none' : clock.delays.reduce((sum, delay) => sum + delay, 0);
}

const after = (seconds: number): number => Math.floor(NOW / 1000) + seconds;
const open = (retryAfter: number): Error => new CircuitOpenError({ operation: 'other', key: undefined, state: 'open', retryAfter, openedAt: undefined, cause: undefined });

describe('rule 46: what a server asks for is read', () => {
  it.each<[string, object, number]>([
    ['seconds in the Headers of the response', { response: { headers: new Headers({ 'Retry-After': '7' }) } }, 7000],
    ['seconds in plain headers of the response', { response: { headers: { 'retry-after': '7' } } }, 7000],
    ['plain headers in any case', { response: { headers: { 'RETRY-AFTER': '7' } } }, 7000],
    ['a number in plain headers', { response: { headers: { 'retry-after': 7 } } }, 7000],
    ['headers on the error itself', { headers: { 'Retry-After': '7' } }, 7000],
    ['Headers on the error itself', { headers: new Headers({ 'retry-after': ' 7 ' }) }, 7000],
    ['responseHeaders, as the AI SDK has them', { responseHeaders: { 'retry-after': '7' } }, 7000],
    ['a Map, in any case', { headers: new Map([['Retry-After', '7']]) }, 7000],
    ['pairs', { headers: [['Content-Type', 'text/plain'], ['Retry-After', '7']] }, 7000],
    ['names and values in turn, as Node’s raw headers', { headers: ['Content-Type', 'text/plain', 'Retry-After', '7'] }, 7000],
    ['objects of a name and a value', { headers: [{ name: 'Retry-After', value: '7' }, { key: 'x', value: '1' }] }, 7000],
    ['a list of one', { headers: { 'retry-after': ['7'] } }, 7000],
    ['repeated values: the longest', { headers: { 'retry-after': ['5', '10'] } }, 10_000],
    ['repeated values in one text: the longest', { headers: { 'retry-after': '10, 5' } }, 10_000],
    ['repeated names', { headers: [['retry-after', '5'], ['Retry-After', '10']] }, 10_000],
    ['repeated dates', { headers: { 'retry-after': 'Mon, 23 Nov 2026 12:00:42 GMT, Mon, 23 Nov 2026 12:00:50 GMT' } }, 50_000],
    ['an HTTP date', { headers: { 'retry-after': 'Mon, 23 Nov 2026 12:00:42 GMT' } }, 42_000],
    ['an HTTP date of the obsolete form of RFC 850', { headers: { 'retry-after': 'Monday, 23-Nov-26 12:00:42 GMT' } }, 42_000],
    ['an HTTP date as asctime writes it, which is GMT', { headers: { 'retry-after': 'Mon Nov 23 12:00:42 2026' } }, 42_000],
    ['an ISO date', { headers: { 'retry-after': '2026-11-23T12:00:42Z' } }, 42_000],
    ['an ISO date of another zone', { headers: { 'retry-after': '2026-11-23T13:00:42.500+01:00' } }, 42_500],
    ['an ISO date without a zone, which is GMT', { headers: { 'retry-after': '2026-11-23T12:00:42' } }, 42_000],
    ['a fraction of seconds', { headers: { 'retry-after': '1.25' } }, 1250],
    ['less than a second', { headers: { 'retry-after': ' 0.5 ' } }, 500],
    ['milliseconds, which are more exact than the seconds beside them', { headers: new Headers({ 'retry-after-ms': '1250', 'retry-after': '2' }) }, 1250],
    ['milliseconds as Azure names them', { headers: { 'x-ms-retry-after-ms': '400' } }, 400],
    ['headers beside a response whose headers are null', { response: { headers: null }, headers: { 'retry-after': '7' } }, 7000],
    ['seconds beside milliseconds that are none', { headers: { 'retry-after-ms': 'soon', 'retry-after': '2' } }, 2000],
    ['the reset of a limit, in seconds', { headers: { 'ratelimit-reset': '30' } }, 30_000],
    ['the reset of a limit that is used up', { headers: { 'x-ratelimit-reset': '30', 'x-ratelimit-remaining': '0' } }, 30_000],
    ['the reset of a limit as an epoch, in seconds', { headers: { 'X-RateLimit-Reset': String(after(42)) } }, 42_000],
    ['the reset of a limit as an epoch, in milliseconds', { headers: { 'x-ratelimit-reset': String(NOW + 42_000) } }, 42_000],
    ['the reset of a limit as a date', { headers: { 'x-ratelimit-reset': '2026-11-23T12:00:42Z' } }, 42_000],
    ['the seconds until the reset, as Discord has them', { headers: { 'x-ratelimit-reset-after': '1.5', 'x-ratelimit-reset': '1', 'x-ratelimit-remaining': '0' } }, 1500],
    ['the RateLimit field', { headers: { ratelimit: '"burst";r=0;t=10, "daily";r=0;t=30;pk=:cHJv:, "yearly";r=5;t=9999' } }, 30_000],
    ['the RateLimit field of an older draft', { headers: { RateLimit: 'limit=10, remaining=0, reset=30' } }, 30_000],
    ['Retry-After rather than the reset beside it', { headers: { 'retry-after': '2', 'ratelimit-reset': '30' } }, 2000],
    ['retryAfterMs', { retryAfterMs: 1234 }, 1234],
    ['retryAfterInMs, as Azure has it', { retryAfterInMs: 1234 }, 1234],
    ['retryAfter, in seconds, as Slack has it', { code: 'slack_webapi_rate_limited_error', retryAfter: 30 }, 30_000],
    ['the header rather than the field beside it', { retryAfter: 3, headers: { 'retry-after': '30' } }, 30_000],
    ['milliseconds rather than seconds of one error', { retryAfter: 3, retryAfterMs: 2500 }, 2500],
    ['retryAfter of our own errors, in milliseconds', new RateLimitedError('other', 2500), 2500],
    ['retryAfter of our own errors as JSON, in milliseconds', { code: 'BREAKER_OPEN', retryAfter: 2500 }, 2500],
    ['that of an error which is wrapped', { cause: { cause: { response: { headers: { 'retry-after': '7' } } } } }, 7000],
    ['that of the last of several errors', { errors: [{ headers: { 'retry-after': '3' } }, { headers: { 'retry-after': '7' } }] }, 7000],
    ['that of the last error that a wrapper tells of', { lastError: { responseHeaders: { 'retry-after': '7' } } }, 7000],
  ])('%s', async (_form, fields, waitMs) => {
    expect(await waitAfter(fields)).toBe(waitMs);
  });

  it.each<[string, object]>([
    ['no header', { response: { headers: {} } }],
    ['a response without headers', { response: {} }],
    ['a null response', { response: null }],
    ['no date', { headers: { 'retry-after': 'soon' } }],
    ['negative seconds', { headers: { 'retry-after': '-5' } }],
    ['a date within a sentence', { headers: { 'retry-after': 'not before Mon, 23 Nov 2026 12:00:42 GMT' } }],
    ['an empty list', { headers: { 'retry-after': [] } }],
    ['null headers', { headers: null }],
    ['seconds with a unit', { headers: { 'retry-after': '120 seconds' } }],
    ['seconds with a parameter', { headers: { 'retry-after': '30;x' } }],
    ['a year', { headers: { 'retry-after': '-2026' } }],
    ['a day without a time', { headers: { 'retry-after': 'Mon, 23 Nov 2026' } }],
    ['an empty header', { headers: { 'retry-after': '' } }],
    ['a limit of which something is left', { headers: { 'x-ratelimit-reset': String(after(3000)), 'x-ratelimit-remaining': '4999' } }],
    ['a RateLimit field of which something is left', { headers: { ratelimit: '"default";r=5;t=30' } }],
    ['a RateLimit field without a time', { headers: { ratelimit: '"default";r=0' } }],
    ['a negative retryAfter', { retryAfter: -5 }],
    ['a retryAfter that is NaN', { retryAfter: Number.NaN }],
    ['a retryAfter that is no number', { retryAfter: '5' }],
    ['headers that are a list of one text', { headers: ['7'] }],
    ['the cause of an error of ours, which is about another call', Object.assign(open(0), { cause: { headers: { 'retry-after': '7' } } })],
  ])('not from %s', async (_form, fields) => {
    expect(await waitAfter(fields)).toBe(BACKOFF_MS);
  });

  const limit = { 'x-ratelimit-reset': '30', 'x-ratelimit-limit': '100' };

  it.each<[string, object, number]>([
    ['counts with a 429', { status: 429, headers: limit }, 30_000],
    ['counts with a 503 of the response', { response: { status: 503, headers: limit } }, 30_000],
    ['counts with a statusCode', { response: { statusCode: 429, headers: limit } }, 30_000],
    ['counts where no status is known', { headers: limit }, 30_000],
    ['asks for nothing with a 500', { response: { status: 500, headers: limit } }, BACKOFF_MS],
    ['asks for nothing with a 500 of its own', { statusCode: 500, headers: { 'ratelimit-reset': '30' } }, BACKOFF_MS],
    ['counts with any status where it says that nothing is left', { status: 500, headers: { ...limit, 'x-ratelimit-remaining': '0' } }, 30_000],
    ['gives up with any status where it says that nothing is left for longer', { status: 500, headers: { ratelimit: '"hour";r=0;t=3600' } }, Number.NaN],
  ])('a reset %s', async (_when, fields, waitMs) => {
    expect(await waitAfter(fields)).toBe(Number.isNaN(waitMs) ? 'none' : waitMs);
  });

  it('a limit beside a 500 takes no attempt away', async () => {
    const clock = new TimerClock(NOW);
    const error = Object.assign(new Error('broken'), { response: { status: 500, headers: { ...limit, 'x-ratelimit-reset': '3600' } } });
    const fetchUser = jest.fn(async () => { throw error; });
    await rejectionOf(clock.until(withRetry(fetchUser, { clock, maxAttempts: 3, jitter: false, registry: new BreakerRegistry() })()));
    expect(fetchUser).toHaveBeenCalledTimes(3);
  });

  it('from a response that handleResult refused', async () => {
    const clock = new TimerClock(NOW);
    const busy = { status: 429, headers: new Headers({ 'retry-after': '3' }) };
    const handleResult = ({ status }: { status: number }) => status === 429;
    await clock.until(withRetry(async () => busy, { clock, handleResult, maxAttempts: 2, jitter: false })());
    expect(clock.delays).toEqual([3000]);
  });

  it('by a function for one’s own errors, which wins', async () => {
    class Busy extends Error {
      readonly seconds = 4;
      readonly headers = { 'retry-after': '9' };
    }
    const retryAfter = (failure: unknown) => (failure instanceof Busy ? (`${failure.seconds}s` as const) : undefined);
    expect(await waitAfter(new Busy(), { retryAfter })).toBe(4000);
    expect(await waitAfter({ headers: { 'retry-after': '9' } }, { retryAfter })).toBe(9000);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('a bug'); }],
    ['gives no duration', () => 'soon'],
    ['gives a promise', async () => 4],
  ])('by such a function that %s not at all: what is known stands in, and one warning tells', async (_how, retryAfter) => {
    const warnings = collectWarnings();
    const options = { retryAfter: retryAfter as () => number };
    expect([await waitAfter({ headers: { 'retry-after': '9' } }, options), await waitAfter({}, options)]).toEqual([9000, BACKOFF_MS]);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CALLBACK']);
    warnings.stop();
  });
});

describe('rule 45: what a server asks for is a least wait', () => {
  it('the backoff is waited for where it is longer', async () => {
    expect(await waitAfter({ headers: { 'retry-after': '0.05' } })).toBe(BACKOFF_MS);
    expect(await waitAfter({ headers: { 'retry-after': '1' } }, { backoff: () => 5000 })).toBe(5000);
  });

  it.each([
    ['0', { 'retry-after': '0' }],
    ['a date that has passed', { 'retry-after': 'Mon, 23 Nov 2026 11:59:00 GMT' }],
    ['a reset that has passed', { 'x-ratelimit-reset': String(after(-5)) }],
  ])('%s means “by the backoff”, without another spread', async (_what, headers) => {
    expect(await waitAfter({ headers })).toBe(BACKOFF_MS);
    expect(await waitAfter({ headers }, { jitter: 'full', random: () => 0.5 })).toBe(BACKOFF_MS / 2);
  });

  it('it is spread over the backoff before jitter, so that those who were told the same do not come back together', async () => {
    const asked = { headers: { 'retry-after': '5' } };
    expect(await waitAfter(asked, { baseDelay: 1000, jitter: 'full', random: () => 0.25 })).toBe(5250);
    expect(await waitAfter(asked, { baseDelay: 1000, jitter: 0.1, random: () => 0.25 })).toBe(5250);
    expect(await waitAfter(asked, { baseDelay: 8000, jitter: 'full', random: () => 0.75 })).toBe(6000 + 6000);
    expect(await waitAfter(asked, { backoff: () => 1000, jitter: true, random: () => 0.25 })).toBe(5250);
    expect(await waitAfter(asked, { baseDelay: 1000, jitter: 0 })).toBe(5000);
  });

  it('a date is by the clock of the server that sent it', async () => {
    const headers = { 'Date': 'Mon, 23 Nov 2026 09:00:00 GMT', 'Retry-After': 'Mon, 23 Nov 2026 09:00:30 GMT' };
    expect(await waitAfter({ headers })).toBe(30_000);
    expect(await waitAfter({ headers: { ...headers, Date: 'now' } })).toBe(BACKOFF_MS);
    expect(await waitAfter({ response: { headers: { 'date': 'Mon, 23 Nov 2026 09:00:00 GMT', 'x-ratelimit-reset': String(after(-3 * 3600 + 30)) } } })).toBe(30_000);
  });

  it('a call is given up, not repeated early, where it asks for more than maxDelay', async () => {
    expect(await waitAfter({ headers: { 'retry-after': '86400' } })).toBe('none');
    expect(await waitAfter({ headers: { 'retry-after': '300' } })).toBe(300_000);
    expect(await waitAfter(open(Infinity))).toBe('none');
    expect(await waitAfter({ retryAfterMs: 501 }, { maxDelay: 500 })).toBe('none');
  });

  it('or for more than respectRetryAfter allows', async () => {
    expect(await waitAfter({ retryAfterMs: 90_000 }, { maxDelay: 500, respectRetryAfter: { max: '2m' } })).toBe(90_000);
    expect(await waitAfter({ retryAfterMs: 90_000 }, { respectRetryAfter: { max: '1m' } })).toBe('none');
    expect(await waitAfter({ retryAfterMs: 86_400_000 }, { respectRetryAfter: { max: Infinity } })).toBe(86_400_000);
    expect(await waitAfter({ retryAfterMs: 501 }, { maxDelay: 500, respectRetryAfter: {} })).toBe('none');
    expect(await waitAfter({ retryAfterMs: 1 }, { respectRetryAfter: { max: 0 } })).toBe('none');
  });

  it('or for more than maxElapsed leaves; the spread alone gives nothing up', async () => {
    const asked = { headers: { 'retry-after': '5' } };
    expect(await waitAfter(asked, { maxElapsed: 4999 })).toBe('none');
    expect(await waitAfter(asked, { maxElapsed: 5000 })).toBe(5000);
    expect(await waitAfter(asked, { maxElapsed: 5400, baseDelay: 4000, jitter: 'full', random: () => 0.5 })).toBe(5200);
  });

  it('the cap of the delays is of the backoff alone', async () => {
    expect(await waitAfter({ retryAfterMs: 500 }, { maxDelay: 500, baseDelay: 500, jitter: 'full', random: () => 0.5 })).toBe(750);
  });

  it('is left aside when respectRetryAfter is false', async () => {
    const asked = { retryAfterMs: 1000 };
    expect(await waitAfter(asked, { respectRetryAfter: false, retryAfter: () => 2000 })).toBe(BACKOFF_MS);
    expect(await waitAfter(asked, { respectRetryAfter: true })).toBe(1000);
  });

  it('two callers who were told the same second are not back together', async () => {
    const random = (() => { let n = 0; return () => (n += 0.1) % 1; })();
    const asked = { headers: { 'retry-after': '5' } };
    const waits = [await waitAfter(asked, { jitter: true, random }), await waitAfter(asked, { jitter: true, random })];
    expect(new Set(waits).size).toBe(2);
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(5000);
  });
});

describe('what a server sends cannot hurt', () => {
  const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_none, index) => [`x-${index}`, '1']));
  const endless = {
    *[Symbol.iterator]() {
      for (;;) yield ['x', '1'];
    },
  };
  const throwing = (): never => { throw new Error('no'); };

  it.each<[string, object]>([
    ['headers that throw', Object.defineProperty({}, 'headers', { get: throwing })],
    ['a header that throws', { headers: Object.defineProperty({}, 'retry-after', { get: throwing, enumerable: true }) }],
    ['a method that throws', { headers: { get: throwing } }],
    ['a revoked proxy', { headers: revoked(), response: revoked(), cause: revoked(), retryAfter: revoked() }],
    ['an endless list of headers', { headers: endless }],
    ['a hundred thousand headers', { headers: { ...many(100_000), 'retry-after': '7' } }],
    ['a megabyte of a value', { headers: { 'retry-after': '9'.repeat(1_000_000), 'ratelimit': ', '.repeat(500_000) } }],
    ['more values than a server sends', { headers: { 'retry-after': Array(17).fill('7') } }],
    ['more names than a server sends', { headers: Array(17).fill(['retry-after', '7']) }],
    ['values that are long together', { headers: { 'retry-after': [...Array(15).fill(`1${' '.repeat(70)}1`), '7'] } }],
    ['a list of a million values', { headers: { 'retry-after': Array(1_000_000).fill('1') } }],
    ['a cause that is its own', (() => { const one: { cause?: unknown } = {}; one.cause = one; return one; })()],
    ['a code that throws', { retryAfter: -1, code: { toString: throwing } }],
  ])('%s', async (_what, fields) => {
    const error = new Error('busy');
    Object.defineProperties(error, Object.getOwnPropertyDescriptors(fields));
    expect(await waitAfter(error)).toBe(BACKOFF_MS);
  });

  it('as many values as a server sends are read, the longest wait of them', async () => {
    expect(await waitAfter({ headers: { 'retry-after': [...Array(15).fill('1'), '7'] } })).toBe(7000);
  });

  it('headers are looked through once for each failure, whatever is looked for', async () => {
    let looked = 0;
    const headers = new Proxy(many(10), { ownKeys: (target) => { looked++; return Reflect.ownKeys(target); } });
    expect(await waitAfter({ response: { headers }, headers })).toBe(BACKOFF_MS);
    expect(looked).toBe(1);
  });

  it('a header that throws keeps those beside it from nobody', async () => {
    const headers = Object.defineProperty({ 'retry-after': '7' }, 'date', { get: throwing, enumerable: true });
    expect(await waitAfter({ headers })).toBe(7000);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

it('wrong limits are refused', () => {
  for (const respectRetryAfter of [{ max: -1 }, { max: 'long' }, { most: 5 }, 'yes', null]) {
    expect(() => withRetry(async () => 1, { respectRetryAfter: respectRetryAfter as never })).toThrow(/respectRetryAfter/);
  }
  expect(() => withRetry(async () => 1, { retryAfter: 5 as never })).toThrow(/retryAfter: must be a function/);
});
