import {
  attemptsOf, BreakerRegistry, CircuitOpenError, circuitBreaker, retry, withPolicies, withRetry, type BreakerOptions, type RetryOptions,
} from '../../lib';
import { clearOverride, forceOpen } from '../../lib/operate';
import { fails, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { seededRandom } from '../../lib/core/random';
import { TimerClock } from '../support/timer-clock';

function setUp(breaker: BreakerOptions, given: RetryOptions, ...steps: Step[]) {
  const clock = new TimerClock();
  const fn = scripted(...steps);
  const options = { baseDelay: 10, jitter: false, ...given };
  const wrapped = withPolicies(fn, { name: 'users.fetch', breaker, retry: options, clock, registry: new BreakerRegistry() });
  return { clock, fn, wrapped, breaker: wrapped.breaker! };
}

describe('rule 21: a retry outside a breaker', () => {
  it('counts each attempt in the breaker', async () => {
    const { clock, wrapped, breaker } = setUp({}, { maxAttempts: 3 }, fails(), fails(), works());
    await clock.until(wrapped());
    expect(breaker.stats).toMatchObject({ calls: 3, failures: 2, successes: 1, rejected: 0 });
  });

  it('stops when the circuit opens during the call, and throws the original error', async () => {
    const original = new Error('second');
    const { clock, fn, wrapped, breaker } = setUp({ failureThreshold: 2 }, { maxAttempts: 10 }, fails(), fails(original));

    expect(await rejectionOf(clock.until(wrapped()))).toBe(original);

    expect(fn).toHaveBeenCalledTimes(2);
    expect(attemptsOf(original)).toBe(2);
    expect(breaker.state).toBe('open');
    expect(breaker.stats.rejected).toBe(0);
    expect(clock.now()).toBe(10);
  });

  it('throws the original error when another call opens the circuit during a wait', async () => {
    const original = new Error('first');
    const { clock, fn, wrapped, breaker } = setUp({}, { maxAttempts: 10 }, fails(original), works());
    const call = wrapped();
    await clock.advance(5);
    breaker.trip();

    expect(await rejectionOf(clock.until(call))).toBe(original);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(attemptsOf(original)).toBe(1);
  });

  it('rejects with CircuitOpenError, at once, when the circuit was open at the first attempt', async () => {
    const { clock, fn, wrapped, breaker } = setUp({}, {}, works());
    breaker.trip();

    const error = await rejectionOf(wrapped());

    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ operation: 'users.fetch', retryAfter: 60_000 });
    expect(fn).not.toHaveBeenCalled();
    expect(clock.delays).toEqual([]);
  });

  it('does not wait for its own circuit even when handle asks for open circuits', async () => {
    const { clock, wrapped, breaker } = setUp({}, { handle: CircuitOpenError }, works());
    breaker.trip();
    expect(await rejectionOf(wrapped())).toBeInstanceOf(CircuitOpenError);
    expect(clock.delays).toEqual([]);
  });

  it('is a probe when the circuit has recovered, and fails once when the probe fails', async () => {
    const { clock, fn, wrapped, breaker } = setUp({ recoveryTimeout: 100 }, { maxAttempts: 5 }, fails());
    breaker.trip();
    await clock.advance(100);
    await rejectionOf(clock.until(wrapped()));
    expect(fn).toHaveBeenCalledTimes(1);
    expect(breaker.state).toBe('open');
  });
});

describe('a retry inside a breaker', () => {
  it('is one outcome of the breaker', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const clock = new TimerClock();
    const fn = scripted(fails());
    const policies = [circuitBreaker({ failureThreshold: 2, clock }), retry({ baseDelay: 10, clock })];
    const wrapped = withPolicies(fn, policies);

    await rejectionOf(clock.until(wrapped()));

    expect(fn).toHaveBeenCalledTimes(3);
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, failures: 1 });
    expect(wrapped.breaker!.state).toBe('closed');
    warnings.mockRestore();
  });
});

describe('waitForCircuit', () => {
  const waiting: RetryOptions = { waitForCircuit: true, maxElapsed: 1000 };

  it('waits for the recovery of a circuit that is open, and then makes the first attempt', async () => {
    const { clock, fn, wrapped, breaker } = setUp({ recoveryTimeout: 300 }, waiting, works('it'));
    breaker.trip();
    await clock.advance(100);

    expect(await clock.until(wrapped())).toBe('it');

    expect(clock.now()).toBe(300);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(breaker.state).toBe('closed');
  });

  it('does not count such waits as attempts', async () => {
    const options = { ...waiting, maxAttempts: 2 };
    const { clock, fn, wrapped } = setUp({ failureThreshold: 1, recoveryTimeout: 300 }, options, fails(), works('it'));
    expect(await clock.until(wrapped())).toBe('it');
    expect(fn).toHaveBeenCalledTimes(2);
    expect(clock.now()).toBe(300);
  });

  it('waits at least the base delay each time', async () => {
    const { clock, wrapped, breaker } = setUp({ recoveryTimeout: 20 }, { ...waiting, baseDelay: 250 }, works('it'));
    breaker.trip();
    await clock.until(wrapped());
    expect(clock.delays).toEqual([250]);
  });

  it('fails at once when the recovery would pass maxElapsed', async () => {
    const { clock, wrapped, breaker } = setUp({ recoveryTimeout: 1001 }, waiting, works());
    breaker.trip();
    expect(await rejectionOf(wrapped())).toBeInstanceOf(CircuitOpenError);
    expect(clock.delays).toEqual([]);
  });

  it('throws the original error, not that of the circuit, when the time is up', async () => {
    const original = new Error('second');
    const options = { ...waiting, maxAttempts: 9 };
    const steps = [fails(), fails(original)];
    const { clock, fn, wrapped } = setUp({ failureThreshold: 1, recoveryTimeout: 600 }, options, ...steps);
    expect(await rejectionOf(clock.until(wrapped()))).toBe(original);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(attemptsOf(original)).toBe(2);
  });

  it('goes on waiting when another call has the only probe', async () => {
    const { clock, fn, wrapped, breaker } = setUp({ recoveryTimeout: 100 }, waiting, works('it'));
    breaker.trip();
    await clock.advance(100);
    const probe = breaker.acquire();
    const call = wrapped();
    await clock.advance(35);
    expect(fn).not.toHaveBeenCalled();

    probe.success();

    expect(await clock.until(call)).toBe('it');
    expect(clock.delays).toEqual([10, 20, 40]);
  });

  it('begins with the shortest delay again where the probe has failed, and the circuit is open anew', async () => {
    const { clock, wrapped, breaker } = setUp({ recoveryTimeout: 100 }, waiting, works('it'));
    breaker.trip();
    await clock.advance(100);
    const probe = breaker.acquire();
    const call = wrapped();
    await clock.advance(35);
    probe.failure();
    expect(await clock.until(call)).toBe('it');
    expect(clock.delays).toEqual([10, 20, 40, 65]);
    expect(clock.now()).toBe(235);
  });

  it('does not let its waiters come back together: each wait is spread by the jitter', async () => {
    const values = [0.25, 0.5, 0.75];
    const random = () => values.push(values.shift()!) && values.at(-1)!;
    const { clock, wrapped, breaker } = setUp({ recoveryTimeout: 300 }, { ...waiting, baseDelay: 100, jitter: 'full', random }, works('it'));
    breaker.trip();
    const calls = [wrapped(), wrapped()];
    await clock.advance(1);
    // By the backoff (0.25 · 100, 0.75 · 100), or to the recovery if that is longer, and up to 100 ms more.
    expect(clock.delays).toEqual([350, 325]);
    await clock.until(Promise.all(calls));
  });

  it('spreads a hundred waiters over the time of the backoff, also those who find the circuit taken', async () => {
    const clock = new TimerClock();
    const random = seededRandom(1);
    const registry = new BreakerRegistry({ clock, random });
    const starts: number[] = [];
    const call = withPolicies(
      async () => {
        starts.push(clock.now());
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 20); });
      },
      { name: 'c', registry, retry: { baseDelay: 100, waitForCircuit: true, maxElapsed: 60_000 }, breaker: { recoveryTimeout: 1000 } },
    );
    call.breaker!.trip();
    const all = Promise.all(Array.from({ length: 100 }, () => call()));
    await clock.until(all);
    const most = Math.max(...starts.map((at) => starts.filter((other) => Math.floor(other) === Math.floor(at)).length));
    expect(most).toBeLessThan(10);
  });

  it('loses no time to the spread where it would not fit: the recovery alone decides', async () => {
    const { clock, wrapped, breaker } = setUp({ recoveryTimeout: 990 }, { ...waiting, baseDelay: 500, jitter: 'full', random: () => 0.5 }, works('it'));
    breaker.trip();
    expect(await clock.until(wrapped())).toBe('it');
    expect(clock.now()).toBe(995);
  });

  it('ends when the call is aborted, and leaves no timer', async () => {
    const controller = new AbortController();
    const { clock, wrapped, breaker } = setUp({}, { ...waiting, maxElapsed: '5m', signal: controller.signal }, works());
    breaker.trip();
    const call = wrapped();
    await clock.advance(1);
    expect(clock.armed).toBe(1);
    const reason = new Error('left');
    controller.abort(reason);
    expect(await rejectionOf(call)).toBe(reason);
    expect(clock.armed).toBe(0);
  });

  it('without a deadline, looks again at an opening without end: it may be cleared at any time', async () => {
    const { clock, fn, wrapped, breaker } = setUp({}, { waitForCircuit: true, maxElapsed: Infinity }, works('it'));
    forceOpen(breaker);
    const call = wrapped();
    await clock.advance(45_000);
    expect(fn).not.toHaveBeenCalled();

    clearOverride(breaker);

    expect(await clock.until(call)).toBe('it');
    expect(clock.delays).toEqual([30_000, 30_000]);
  });

  it('fails at once where an opening without end meets a deadline', async () => {
    const { clock, wrapped, breaker } = setUp({}, waiting, works('it'));
    forceOpen(breaker);
    expect(await rejectionOf(wrapped())).toBeInstanceOf(CircuitOpenError);
    expect(clock.delays).toEqual([]);
  });

  it('waits no longer than a forced opening lasts', async () => {
    const { clock, wrapped, breaker } = setUp({}, waiting, works('it'));
    forceOpen(breaker, { for: 400 });
    expect(await clock.until(wrapped())).toBe('it');
    expect(clock.now()).toBe(400);
  });
});

describe('a retry of a keyed operation', () => {
  it.each([1, 2])('throws the original error when the key can no longer be told, from its evaluation %d after it on', async (after) => {
    const clock = new TimerClock();
    const error = new Error('down');
    let asked = 0;
    const key = (): string => {
      if (asked++ >= after) throw new Error('no key');
      return 'host';
    };
    const options = { clock, retry: { baseDelay: 10, jitter: false }, breaker: { key }, registry: new BreakerRegistry() };
    const fn = scripted(fails(error));

    expect(await rejectionOf(clock.until(withPolicies(fn, options)()))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(attemptsOf(error)).toBe(1);
  });

  it('makes no key, and uses none, by looking whether its circuit is open', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const asked: string[] = [];
    let next = 'a';
    const key = (): string => {
      asked.push(next);
      return next;
    };
    const fn = scripted(fails());
    const wrapped = withPolicies(fn, { name: 'keyed', retry: { baseDelay: 10, jitter: false, maxAttempts: 2 }, breaker: { key }, registry });
    const call = wrapped();
    next = 'b';
    await clock.advance(5);
    expect(asked).toEqual(['a', 'b']);
    expect(registry.keys('keyed')).toEqual(['a']);
    next = 'a';
    await rejectionOf(clock.until(call));
    expect(registry.keys('keyed')).toEqual(['a']);
  });
});

describe('a retry alone', () => {
  it('registers its operation, with a breaker that counts and never opens', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock, defaults: { failureThreshold: 2 } });
    const fetchAlone = withRetry(scripted(fails()), { name: 'alone', maxAttempts: 50, baseDelay: 0, clock, registry });
    await rejectionOf(clock.until(fetchAlone()));
    expect(registry.get('alone')).toBe(fetchAlone.breaker);
    expect(fetchAlone.breaker!.stats).toMatchObject({ calls: 50, failures: 50 });
    expect(fetchAlone.breaker!.state).toBe('closed');
  });
});
