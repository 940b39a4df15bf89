import { BreakerRegistry, withRetry, type RetryOptions } from '../../../lib';
import { fails, rejectionOf, scripted } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

/** The one wait after an error with these fields. */
async function waitAfter(fields: object, options: RetryOptions = {}): Promise<number> {
  const clock = new TimerClock(NOW);
  const error = Object.assign(new Error('busy'), fields);
  const fetchUser = withRetry(scripted(fails(error)), {
    clock, baseDelay: 77, jitter: false, maxAttempts: 2, registry: new BreakerRegistry(), ...options,
  });
  await rejectionOf(clock.until(fetchUser()));
  return clock.delays.reduce((sum, delay) => sum + delay, 0);
}

describe('Retry-After', () => {
  it.each([
    ['seconds in the Headers of the response', { response: { headers: new Headers({ 'Retry-After': '7' }) } }, 7000],
    ['seconds in plain headers of the response', { response: { headers: { 'retry-after': '7' } } }, 7000],
    ['plain headers in any case', { response: { headers: { 'RETRY-AFTER': '7' } } }, 7000],
    ['a number in plain headers', { response: { headers: { 'retry-after': 7 } } }, 7000],
    ['headers on the error itself', { headers: { 'Retry-After': '7' } }, 7000],
    ['Headers on the error itself', { headers: new Headers({ 'retry-after': ' 7 ' }) }, 7000],
    ['an HTTP date', { headers: { 'retry-after': 'Mon, 23 Nov 2026 12:00:42 GMT' } }, 42_000],
    ['an HTTP date that has passed', { headers: { 'retry-after': 'Mon, 23 Nov 2026 11:59:00 GMT' } }, 0],
    ['an HTTP date of the obsolete form of RFC 850', { headers: { 'retry-after': 'Monday, 23-Nov-26 12:00:42 GMT' } }, 42_000],
    ['an HTTP date as asctime writes it, which is GMT', { headers: { 'retry-after': 'Mon Nov 23 12:00:42 2026' } }, 42_000],
    ['a fraction of seconds', { headers: { 'retry-after': '1.5' } }, 1500],
    ['less than a second', { headers: { 'retry-after': ' 0.5 ' } }, 500],
    ['0 seconds', { headers: { 'retry-after': '0' } }, 0],
    ['milliseconds, which are more exact than the seconds beside them', { headers: new Headers({ 'retry-after-ms': '1250', 'retry-after': '2' }) }, 1250],
    ['milliseconds as Azure names them', { headers: { 'x-ms-retry-after-ms': '40' } }, 40],
    ['milliseconds with blanks around them', { headers: { 'retry-after-ms': ' 1250 ' } }, 1250],
    ['a fraction with several digits', { headers: { 'retry-after': '1.25' } }, 1250],
    ['headers beside a response whose headers are null', { response: { headers: null }, headers: { 'retry-after': '7' } }, 7000],
    ['seconds beside milliseconds that are none', { headers: { 'retry-after-ms': 'soon', 'retry-after': '2' } }, 2000],
    ['a numeric retryAfter, in milliseconds', { retryAfter: 1234 }, 1234],
    ['a retryAfter of 0', { retryAfter: 0 }, 0],
  ])('replaces the computed delay: %s', async (_form, fields, waitMs) => {
    expect(await waitAfter(fields)).toBe(waitMs);
  });

  it.each([
    ['no header', { response: { headers: {} } }],
    ['a response without headers', { response: {} }],
    ['a null response', { response: null }],
    ['no date', { headers: { 'retry-after': 'soon' } }],
    ['negative seconds', { headers: { 'retry-after': '-5' } }],
    ['a date within a sentence', { headers: { 'retry-after': 'not before Mon, 23 Nov 2026 12:00:42 GMT' } }],
    ['a list of one', { headers: { 'retry-after': ['7'] } }],
    ['null headers', { headers: null }],
    ['a list', { headers: { 'retry-after': '5, 10' } }],
    ['seconds with a unit', { headers: { 'retry-after': '120 seconds' } }],
    ['seconds with a parameter', { headers: { 'retry-after': '30;x' } }],
    ['a year', { headers: { 'retry-after': '-2026' } }],
    ['a day without a time', { headers: { 'retry-after': 'Mon, 23 Nov 2026' } }],
    ['an empty header', { headers: { 'retry-after': '' } }],
    ['a negative retryAfter', { retryAfter: -5 }],
    ['a retryAfter that is NaN', { retryAfter: Number.NaN }],
    ['a retryAfter that is no number', { retryAfter: '5' }],
    ['headers that are a list', { headers: ['7'] }],
  ])('leaves the computed delay where there is none to read: %s', async (_form, fields) => {
    expect(await waitAfter(fields)).toBe(77);
  });

  it('is capped by maxDelay', async () => {
    expect(await waitAfter({ headers: { 'retry-after': '86400' } })).toBe(300_000);
    expect(await waitAfter({ retryAfter: Infinity }, { maxDelay: 500 })).toBe(500);
  });

  it('is not spread by jitter', async () => {
    expect(await waitAfter({ retryAfter: 1000 }, { jitter: 'full', random: () => 0.1 })).toBe(1000);
  });

  it('comes before a backoff of one’s own', async () => {
    expect(await waitAfter({ retryAfter: 1000 }, { backoff: () => 5 })).toBe(1000);
  });

  it('is left aside when respectRetryAfter is false', async () => {
    expect(await waitAfter({ retryAfter: 1000 }, { respectRetryAfter: false })).toBe(77);
  });

  it('is read from a response that handleResult refused', async () => {
    const clock = new TimerClock(NOW);
    const busy = { status: 429, headers: new Headers({ 'retry-after': '3' }) };
    const handleResult = ({ status }: { status: number }) => status === 429;
    await clock.until(withRetry(async () => busy, { clock, handleResult, maxAttempts: 2 })());
    expect(clock.delays).toEqual([3000]);
  });

  it('that cannot be read does not hide the error', async () => {
    const error = Object.defineProperty(new Error('busy'), 'headers', {
      get: () => {
        throw new Error('a header that throws');
      },
    });
    const clock = new TimerClock(NOW);
    expect(await rejectionOf(clock.until(withRetry(scripted(fails(error)), { clock, maxAttempts: 2 })()))).toBe(error);
  });
});
