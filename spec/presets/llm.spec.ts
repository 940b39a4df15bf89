import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

const DATE = Date.UTC(2026, 10, 23, 12, 0, 0);

function model(steps: Step[], overrides: PolicyOptions = {}) {
  const clock = new TimerClock(DATE);
  const fn = scripted(...steps);
  const call = withPolicies(fn, { ...presets.llm(overrides), clock, registry: new BreakerRegistry() });
  return { fn, clock, call, run: () => clock.until(call('prompt')) };
}

/** An error as the clients of the providers make it: status, headers, and the body as `error`. */
const apiError = (status: number | undefined, body: object = {}, headers: Record<string, string> = {}) =>
  Object.assign(new Error(`${status} from the provider`), { status, headers: new Headers(headers), error: body });
const anthropic = (type: string) => ({ type: 'error', error: { type, message: 'as it says' } });

/** The wait before the second attempt, without jitter 1000 ms when nothing is asked for. */
async function waitAfter(failure: Step): Promise<number> {
  const { clock, run } = model([failure, works('text')], { retry: { jitter: false } });
  await run();
  return clock.now();
}

describe('presets.llm', () => {
  it.each([408, 409, 429, 500, 503, 529])('tries status %i again, four attempts in all', async (status) => {
    const asError = model([fails(apiError(status))]);
    await rejectionOf(asError.run());
    expect(asError.fn).toHaveBeenCalledTimes(4);
    const asValue = model([works({ status })]);
    expect(await asValue.run()).toEqual({ status });
    expect(asValue.fn).toHaveBeenCalledTimes(4);
  });

  it.each([400, 401, 403, 404, 413, 422])('takes status %i for final', async (status) => {
    const { fn, run } = model([fails(apiError(status))]);
    await rejectionOf(run());
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['in a stream that began well', apiError(undefined, anthropic('overloaded_error')), 4],
    ['on the error itself', Object.assign(new Error('busy'), { type: 'overloaded_error' }), 4],
    ['as a server error of OpenAI', apiError(undefined, { type: 'server_error' }), 4],
    ['as a refusal', apiError(undefined, anthropic('invalid_request_error')), 1],
    ['as a used-up quota', apiError(429, { type: 'insufficient_quota', code: 'insufficient_quota' }), 1],
    ['as a used-up quota in its code alone', Object.assign(apiError(429), { code: 'insufficient_quota' }), 1],
    ['as a bill that is not paid', apiError(429, { code: 'billing_not_active' }), 1],
  ])('reads the body of an error: %s', async (_what, error, attempts) => {
    const { fn, run } = model([fails(error)]);
    expect(await rejectionOf(run())).toBe(error);
    expect(fn).toHaveBeenCalledTimes(attempts);
  });

  it.each([
    ['true', 404, 4],
    ['false', 503, 1],
    ['perhaps', 503, 4],
  ])('obeys x-should-retry: %s over status %i', async (advice, status, attempts) => {
    const { fn, run } = model([fails(apiError(status, {}, { 'x-should-retry': advice }))]);
    await rejectionOf(run());
    expect(fn).toHaveBeenCalledTimes(attempts);
  });

  it.each<[string, Record<string, string>, number]>([
    ['retry-after', { 'retry-after': '20' }, 20_000],
    ['retry-after-ms, the more exact', { 'retry-after-ms': '1234', 'retry-after': '2' }, 1234],
    ['the reset of requests that are used up', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    ['a reset in milliseconds', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1200ms' }, 1200],
    ['no less than the backoff', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12ms' }, 1000],
    ['retry-after rather than the reset', { 'retry-after': '3', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 3000],
    ['a reset in seconds and a fraction', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '7.66s' }, 7660],
    ['a reset in hours, minutes and seconds', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '0h2m59.56s' }, 179_560],
    ['a reset in plain seconds, as Azure has it', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '30' }, 30_000],
    ['the later of two that are used up', {
      'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '9s',
    }, 9000],
    ['only limits that are used up', { 'x-ratelimit-remaining-requests': '17', 'x-ratelimit-reset-requests': '6m0s' }, 1000],
    ['no reset that cannot be read', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'soon' }, 1000],
    ['a moment, by the date of the same answer', {
      date: 'Mon, 23 Nov 2026 11:00:00 GMT', 'anthropic-ratelimit-input-tokens-remaining': '0', 'anthropic-ratelimit-input-tokens-reset': '2026-11-23T11:00:42Z',
    }, 42_000],
    ['no moment that has passed', {
      date: 'Mon, 23 Nov 2026 11:00:00 GMT', 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-23T10:59:00Z',
    }, 1000],
  ])('waits for %s', async (_what, headers, waitMs) => {
    expect(await waitAfter(fails(apiError(429, {}, headers)))).toBe(waitMs);
    expect(await waitAfter(works({ status: 429, headers: new Headers(headers) }))).toBe(waitMs);
  });

  it('finds the reset of limits and x-should-retry on the last error, where the AI SDK gave its own retries up', async () => {
    const wrapped = (statusCode: number, responseHeaders: object) =>
      Object.assign(new Error('Failed after 2 attempts'), { lastError: Object.assign(new Error('as it says'), { statusCode, responseHeaders }) });
    expect(await waitAfter(fails(wrapped(429, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12s' })))).toBe(12_000);
    const { fn, run } = model([fails(wrapped(503, { 'x-should-retry': 'false' }))]);
    await rejectionOf(run());
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('takes the reset of limits for no advice where the status is another', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' };
    expect(await waitAfter(fails(apiError(503, {}, headers)))).toBe(1000);
  });

  it('gives up at once when the wait would pass the ten minutes of the call', async () => {
    const { fn, clock, run } = model([fails(apiError(429, {}, { 'retry-after': '86400' }))]);
    await rejectionOf(run());
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(0);
  });

  it.each([
    ['open', 'overloads', apiError(529)],
    ['open', 'overloads within a stream', apiError(undefined, anthropic('overloaded_error'))],
    ['closed', 'rate limits', apiError(429)],
    ['closed', 'rate limits within a stream', apiError(undefined, anthropic('rate_limit_error'))],
    ['closed', 'refusals', apiError(400)],
  ])('has its circuit %s after ten %s', async (state, _what, error) => {
    const { call, run } = model([fails(error)], { retry: { maxAttempts: 1 } });
    for (let n = 0; n < 10; n++) await rejectionOf(run());
    expect(call.breaker?.state).toBe(state);
  });

  it('begins a stream again before its first item, never after', async () => {
    const clock = new TimerClock(DATE);
    const script: (() => AsyncGenerator<string>)[] = [
      async function* () { throw apiError(529); },
      async function* () { yield 'Hello'; throw apiError(undefined, anthropic('overloaded_error')); },
    ];
    const ask = jest.fn(async function* (_prompt: string) {
      yield* script.shift()!();
    });
    const stream = withPolicies(ask, { ...presets.llm(), clock, registry: new BreakerRegistry(), stream: true })('prompt');
    expect(await clock.until(stream.next())).toEqual({ done: false, value: 'Hello' });
    await rejectionOf(clock.until(stream.next()));
    expect(ask).toHaveBeenCalledTimes(2);
    expect(clock.armed).toBe(0);
  });
});

it('rule 8: presets.llm closes again when each answer takes longer than the open time', async () => {
  const clock = new TimerClock(DATE);
  let isDown = true;
  const answer = async (): Promise<string> => {
    if (isDown) throw apiError(503);
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, 40_000);
    });
    return 'text';
  };
  const call = withPolicies(answer, { ...presets.llm(), retry: undefined, name: 'model', clock, registry: new BreakerRegistry() });
  for (let n = 0; n < 10; n++) await call().catch(() => undefined);
  expect(call.breaker?.state).toBe('open');
  isDown = false;

  // A call every five seconds, two minutes long.
  for (let n = 0; n < 24; n++) {
    void call().catch(() => undefined);
    await clock.advance(5000);
  }

  expect(call.breaker?.state).toBe('closed');
});
