import { BreakerRegistry, currentCall, withPolicies, type HedgeEvent, type HedgeOptions } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { noteTimers } from '../support/platform-timers';
import { reactions, TimerClock } from '../support/timer-clock';

function setUp(given: Partial<HedgeOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = pending();
  const signals: (AbortSignal | undefined)[] = [];
  const observed = (...args: unknown[]): Promise<unknown> => {
    signals.push(currentCall()?.signal);
    return fn(...args);
  };
  const hedge = { delay: 100, idempotent: true, ...given } as HedgeOptions;
  const call = withPolicies(observed, { name: 'a', registry, hedge });
  const hedges: HedgeEvent[] = [];
  registry.on('hedge', (event) => hedges.push(event));
  return { clock, registry, fn, call, signals, hedges };
}

describe('a hedge', () => {
  it('runs the function once when it answers before the delay', async () => {
    const { clock, fn, call, hedges } = setUp();
    const result = call();
    await clock.advance(99);
    fn.calls[0]!.resolve('first');

    expect(await result).toBe('first');
    expect(clock.armed).toBe(0);
    await clock.advance(1000);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(hedges).toEqual([]);
  });

  it('has no timer while too little is known of a quantile', async () => {
    const { clock, fn, call } = setUp({ delay: { quantile: 0.9 } });
    const result = call();
    await reactions();
    expect(clock.armed).toBe(0);
    fn.calls[0]!.resolve('it');
    expect(await result).toBe('it');
  });

  it('starts another run, with the same receiver and arguments, when the delay has passed', async () => {
    const { clock, fn, call } = setUp();
    const result = call('x', 7);
    await clock.advance(100);

    expect(fn.mock.calls).toEqual([['x', 7], ['x', 7]]);
    fn.calls[1]!.resolve('second');
    expect(await result).toBe('second');
    expect(clock.armed).toBe(0);
  });

  it('takes the first run, when that works before the second after all', async () => {
    const { clock, fn, call, signals } = setUp();
    const result = call();
    await clock.advance(150);
    fn.calls[0]!.resolve('first');

    expect(await result).toBe('first');
    expect(signals.map((signal) => signal!.aborted)).toEqual([false, true]);
  });

  it('aborts the losers with an AbortError, and not the winner', async () => {
    const { clock, fn, call, signals } = setUp({ maxHedges: 2 });
    const result = call();
    await clock.advance(200);
    fn.calls[1]!.resolve('second');
    await result;

    expect(signals.map((signal) => signal!.aborted)).toEqual([true, false, true]);
    expect(signals[0]!.reason).toMatchObject({ name: 'AbortError' });
  });

  it('tells which attempts are its own', async () => {
    const { clock, registry, fn, call } = setUp({ maxHedges: 2 });
    const attempts: unknown[] = [];
    registry.on('attempt', ({ kind, outcome }) => attempts.push([kind, outcome]));
    const result = call();
    await clock.advance(200);
    fn.calls[1]!.reject(new Error('down'));
    await reactions();
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    fn.calls[2]!.resolve('third');
    expect(await result).toBe('third');
    expect(attempts).toEqual([['hedge', 'failure'], ['first', 'failure'], ['hedge', 'success']]);
  });

  it('starts one run at each delay, up to maxHedges', async () => {
    const { clock, fn, call, hedges } = setUp({ maxHedges: 3 });
    void call();
    const started: number[] = [];
    for (let step = 0; step < 6; step++) {
      await clock.advance(step === 0 ? 99 : 100);
      started.push(fn.mock.calls.length);
    }

    expect(started).toEqual([1, 2, 3, 4, 4, 4]);
    expect(clock.armed).toBe(0);
    expect(hedges.map(({ hedge, delay, attempt, operation }) => ({ hedge, delay, attempt, operation }))).toEqual(
      [1, 2, 3].map((hedge) => ({ hedge, delay: 100, attempt: 1, operation: 'a' })),
    );
  });

  it('starts the next run at once when one fails before the delay, and counts the delay from there', async () => {
    const { clock, fn, call, hedges } = setUp({ maxHedges: 2 });
    const result = call();
    await clock.advance(60);
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    expect(fn).toHaveBeenCalledTimes(2);
    await clock.advance(99);
    expect(fn).toHaveBeenCalledTimes(2);
    await clock.advance(1);

    expect(fn).toHaveBeenCalledTimes(3);
    expect(hedges.map(({ delay }) => delay)).toEqual([0, 100]);
    fn.calls[2]!.resolve('third');
    expect(await result).toBe('third');
  });

  it('rejects with the last failure when all runs fail', async () => {
    const { clock, fn, call } = setUp();
    const result = rejectionOf(call());
    await clock.advance(100);
    const [first, last] = [new Error('first'), new Error('last')];
    fn.calls[1]!.reject(first);
    await reactions();
    fn.calls[0]!.reject(last);

    expect(await result).toBe(last);
    expect(clock.armed).toBe(0);
  });

  it('waits for the run that is left when the other one failed', async () => {
    const { clock, fn, call } = setUp();
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.reject(new Error('down'));
    await clock.advance(10_000);
    fn.calls[0]!.resolve('late, but there');
    expect(await result).toBe('late, but there');
  });

  it('takes a synchronous throw for a failure (rule 4)', async () => {
    const clock = new TimerClock();
    let runs = 0;
    const call = withPolicies(
      (): Promise<string> => {
        if (++runs === 1) throw new Error('sync');
        return Promise.resolve('second');
      },
      { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true } },
    );
    expect(await call()).toBe('second');
    expect(clock.armed).toBe(0);
  });

  it('starts all runs without a wait when the delay is 0', async () => {
    const { clock, fn, call } = setUp({ delay: 0, maxHedges: 2 });
    void call();
    await clock.advance(0);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('chains timers for a delay that no timer of the platform takes', async () => {
    const { clock, fn, call } = setUp({ delay: '40d' });
    void call();
    await clock.advance(40 * 86_400_000);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('rule 24: its timer is ref’d, so that a process does not end while a caller awaits the next run', async () => {
    const timers = noteTimers();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry(), hedge: { delay: 1, idempotent: true } });
    const result = call();
    while (fn.calls.length < 2) await reactions();
    timers.stop();
    fn.calls[1]!.resolve('second');

    expect(await result).toBe('second');
    expect(timers.areRefd()).toEqual([true]);
  });

  it('drops what comes after the winner: values, and failures, which are nobody’s unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { clock, fn, call } = setUp({ maxHedges: 2 });
      const result = call();
      await clock.advance(200);
      fn.calls[1]!.resolve('winner');
      expect(await result).toBe('winner');
      fn.calls[0]!.reject(new Error('late'));
      fn.calls[2]!.resolve('late');
      await reactions();
      await reactions();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.removeListener('unhandledRejection', unhandled);
    }
  });

  it('gives every run the number of its attempt', async () => {
    const clock = new TimerClock();
    const attempts: unknown[] = [];
    const fn = pending();
    const call = withPolicies(
      () => {
        attempts.push(currentCall()!.attempt);
        return fn();
      },
      {
        name: 'a', registry: new BreakerRegistry({ clock }), clock,
        retry: { maxAttempts: 2, baseDelay: 10, jitter: false }, hedge: { delay: 100, idempotent: true },
      },
    );
    void call();
    await clock.advance(100);
    fn.calls.forEach(({ reject }) => { reject(new Error('down')); });
    await clock.advance(10);
    expect(attempts).toEqual([1, 1, 2]);
  });

  it('tells of the call it belongs to, while calls are watched', async () => {
    const { clock, registry, call, hedges, fn } = setUp();
    const ended = jest.fn();
    registry.on('call', ended);
    const result = call();
    await clock.advance(100);
    fn.calls[0]!.resolve();
    await result;
    expect(hedges[0]!.callId).toBe(ended.mock.calls[0][0].callId);
    expect(hedges[0]!.at).toBe(1_700_000_000_000 + 100);
  });
});

describe('idempotent', () => {
  it('false: never runs a call twice', async () => {
    const { clock, fn, call } = setUp({ idempotent: false });
    const result = rejectionOf(call());
    await clock.advance(1000);
    expect([fn.mock.calls.length, clock.delays]).toEqual([1, []]);
    fn.calls[0]!.reject(new Error('down'));
    expect(await result).toEqual(new Error('down'));
  });

  it('a predicate: judges each call by its arguments, and counts a throw as false', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const judge = (method: string): boolean => {
      if (method === 'BREW') throw new Error('no such method');
      return method === 'GET';
    };
    const { clock, fn, call } = setUp({ idempotent: judge });
    for (const method of ['GET', 'POST', 'BREW']) void call(method);
    await clock.advance(100);
    expect(fn.mock.calls.flat()).toEqual(['GET', 'POST', 'BREW', 'GET']);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });
});
