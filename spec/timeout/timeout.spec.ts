import {
  BreakerRegistry, ConfigurationError, currentCall, OperationTimeoutError, withPolicies, withRegistry, type TimeoutEvent, type TimeoutOptions,
} from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

function setUp(options: Partial<TimeoutOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = pending();
  const signals: AbortSignal[] = [];
  const wrapped = withPolicies(
    async () => {
      signals.push(currentCall()!.signal!);
      return fn();
    },
    { name: 'users.fetch', registry, timeout: { duration: 100, ...options } },
  );
  return { clock, registry, fn, signals, wrapped, breaker: wrapped.breaker! };
}

/** Whatever a spec does, it leaves no rejection that nobody handles. */
const unhandled = jest.fn();
beforeAll(() => process.on('unhandledRejection', unhandled));
afterEach(async () => {
  await reactions();
  await reactions();
  expect(unhandled).not.toHaveBeenCalled();
});
afterAll(() => process.off('unhandledRejection', unhandled));

it('the options of a timeout say what may be given in short', () => {
  expect(() => withPolicies(async () => undefined, { timeout: null as never })).toThrow(
    "timeout: must be a duration, such as '2s', or an object of options; received null",
  );
});

describe('a timeout that abandons, the default', () => {
  it('rejects at its deadline, and aborts the signal with the same error', async () => {
    const { clock, signals, wrapped } = setUp();
    const error = await rejectionOf(clock.until(wrapped()));
    expect(error).toBeInstanceOf(OperationTimeoutError);
    expect(error).toMatchObject({ name: 'OperationTimeoutError', code: 'BREAKER_TIMEOUT', operation: 'users.fetch', timeout: 100, isCutShort: false });
    expect((error as Error).message).toBe('users.fetch did not settle within 100 ms');
    expect(signals[0]!.reason).toBe(error);
    expect([clock.now(), clock.armed]).toEqual([100, 0]);
  });

  it('is a failure also when the timer fires a little early', async () => {
    const { clock, wrapped, breaker } = setUp();
    const call = rejectionOf(wrapped());
    const now = clock.now.bind(clock);
    jest.spyOn(clock, 'now').mockImplementation(() => now() - 0.6);
    await clock.advance(100);
    expect(await call).toMatchObject({ timeout: 100, isCutShort: false });
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it.each(['value', 'rejection'])('gives no %s of the function that comes later', async (what) => {
    const { clock, fn, wrapped, breaker } = setUp();
    await rejectionOf(clock.until(wrapped()));
    if (what === 'value') fn.calls[0]!.resolve('late');
    else fn.calls[0]!.reject(new Error('late'));
    await reactions();
    expect(breaker.stats).toMatchObject({ calls: 1, failures: 1, successes: 0, late: 0 });
  });

  it('rule 24: leaves no timer when the function settles in time, and passes on what it gave', async () => {
    const { clock, fn, signals, wrapped, breaker } = setUp();
    const calls = [wrapped(), wrapped()];
    await clock.advance(99);
    fn.calls[0]!.resolve('it');
    const down = new Error('down');
    fn.calls[1]!.reject(down);
    expect(await calls[0]).toBe('it');
    expect(await rejectionOf(calls[1]!)).toBe(down);
    expect(clock.armed).toBe(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
  });

  it('rule 4: takes a synchronous throw for a rejection', async () => {
    const clock = new TimerClock();
    const thrown = new Error('thrown');
    const wrapped = withPolicies((): Promise<void> => { throw thrown; }, { timeout: 100, clock });
    expect(await rejectionOf(wrapped())).toBe(thrown);
    expect(clock.armed).toBe(0);
  });

  it('rule 2: is a failure for the breaker, whatever handle says', async () => {
    const clock = new TimerClock();
    const wrapped = withPolicies(pending(), { timeout: 100, clock, breaker: { handle: TypeError, failureThreshold: 2 } });
    await rejectionOf(clock.until(wrapped()));
    await rejectionOf(clock.until(wrapped()));
    expect(wrapped.breaker!.state).toBe('open');
  });

  it('makes no signal unless it is asked for', async () => {
    const made = jest.spyOn(globalThis, 'AbortController');
    const clock = new TimerClock();
    const wrapped = withPolicies(pending(), { timeout: 100, clock });
    await rejectionOf(clock.until(wrapped()));
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  it('gives a signal that is asked for late, aborted when the time is up', async () => {
    const clock = new TimerClock();
    let call: ReturnType<typeof currentCall>;
    const fn = pending();
    const wrapped = withPolicies(async () => { call = currentCall(); return fn(); }, { timeout: 100, clock });
    const error = await rejectionOf(clock.until(wrapped()));
    expect(call!.signal!.reason).toBe(error);
  });
});

describe('a cooperative timeout', () => {
  const cooperative = { mode: 'cooperative' } as const;

  it('aborts the signal at its deadline, and waits', async () => {
    const { clock, signals, wrapped, fn } = setUp(cooperative);
    const call = wrapped();
    await clock.advance(1000);
    expect(signals[0]!.reason).toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 100 });
    fn.calls[0]!.resolve('late');
    expect(await call).toBe('late');
    expect(clock.armed).toBe(0);
  });

  it('makes a rejection that follows an OperationTimeoutError with it as the cause, a failure for the breaker', async () => {
    const { clock, fn, wrapped, breaker } = setUp(cooperative);
    const call = wrapped();
    await clock.advance(100);
    const cause = new DOMException('aborted', 'AbortError');
    fn.calls[0]!.reject(cause);
    const error = await rejectionOf(call);
    expect(error).toBeInstanceOf(OperationTimeoutError);
    expect(error).toMatchObject({ timeout: 100, operation: 'users.fetch' });
    expect((error as Error).cause).toBe(cause);
    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it('passes on the reason of its signal as it is, not as the cause of itself', async () => {
    const { clock, fn, signals, wrapped } = setUp(cooperative);
    const call = wrapped();
    await clock.advance(100);
    fn.calls[0]!.reject(signals[0]!.reason);
    const error = await rejectionOf(call);
    expect(error).toBe(signals[0]!.reason);
    expect((error as Error).cause).toBeUndefined();
  });

  it('passes on what comes in time', async () => {
    const { clock, fn, wrapped } = setUp(cooperative);
    const calls = [wrapped(), wrapped()];
    fn.calls[0]!.resolve('it');
    const down = new Error('down');
    fn.calls[1]!.reject(down);
    expect(await calls[0]).toBe('it');
    expect(await rejectionOf(calls[1]!)).toBe(down);
    expect(clock.armed).toBe(0);
  });
});

describe('the event of a timeout', () => {
  it.each(['abandon', 'cooperative'] as const)('tells once, when the time is up (%s)', async (mode) => {
    const { clock, registry, fn, wrapped } = setUp({ mode });
    const events: TimeoutEvent[] = [];
    registry.on('timeout', (event) => events.push(event));
    const call = rejectionOf(wrapped());
    await clock.advance(100);
    expect(events).toEqual([{ type: 'timeout', operation: 'users.fetch', at: clock.wallTime(), attempt: 1, timeout: 100 }]);
    fn.calls[0]!.reject(new Error('late'));
    await call;
    expect(events).toHaveLength(1);
  });

  it('has the number of the call when calls are watched', async () => {
    const { clock, registry, wrapped } = setUp();
    const ids: (number | undefined)[] = [];
    registry.on('timeout', ({ callId }) => ids.push(callId));
    registry.on('call', ({ callId }) => ids.push(callId));
    await rejectionOf(clock.until(wrapped()));
    expect(ids).toEqual([expect.any(Number), ids[0]]);
  });
});

describe('options of a timeout', () => {
  it.each(['2s', 2000])('has a short form: %p', (short) => {
    const wrapped = withPolicies(async () => 1, { timeout: short as '2s' });
    expect(wrapped.pipeline).toEqual([{ policy: 'timeout', options: expect.objectContaining({ duration: 2000, mode: 'abandon' }) }]);
  });

  it.each([[0], ['0ms'], [-1], [Number.NaN], [Infinity], ['soon'], [{}], [{ duration: 10, mode: 'gentle' }], [{ duration: 10, modus: 'abandon' }], [null]])(
    'refuses %p',
    (given) => {
      expect(() => withPolicies(async () => 1, { timeout: given as never })).toThrow(ConfigurationError);
    },
  );

  it('names every problem at once', () => {
    const apply = () => withPolicies(async () => 1, { timeout: { duration: 0, mode: 'gentle' as never } });
    expect(apply).toThrow(/timeout\.duration: must be a duration > 0[^]*timeout\.mode: must be 'cooperative' or 'abandon'/);
  });
});

it('a call goes on in the time it began with when the ambient registry changes', async () => {
  const clock = new TimerClock();
  const fn = pending();
  const wrapped = withPolicies(async () => fn(), { name: 'users.fetch', clock, timeout: 100 });
  const first = rejectionOf(wrapped());
  await clock.advance(60);
  const second = rejectionOf(withRegistry(new BreakerRegistry(), () => wrapped()));
  await clock.advance(40);
  expect(await first).toBeInstanceOf(OperationTimeoutError);
  expect(clock.armed).toBe(1);
  await clock.advance(60);
  expect(await second).toBeInstanceOf(OperationTimeoutError);
  expect(clock.armed).toBe(0);
});
