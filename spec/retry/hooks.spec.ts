import { attemptErrorsOf, attemptsOf, Breaker, BreakerRegistry, withPolicies, withRetry, type RetryOptions } from '../../lib';
import { ErrorRecoveryManager, FixedDelayStrategy } from '../../lib/recovery';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { reactions, TimerClock } from '../support/timer-clock';

const errors = (count: number): Error[] => Array.from({ length: count }, (_none, index) => new Error(`attempt ${index + 1}`));

function setUp(given: RetryOptions, ...steps: Parameters<typeof scripted>) {
  const clock = new TimerClock();
  const fn = scripted(...steps);
  const call = withRetry(fn, { registry: new BreakerRegistry({ clock }), baseDelay: 100, jitter: false, ...given });
  return { clock, fn, call };
}

describe('rule 51: what the earlier attempts failed with', () => {
  it('is known of the error that the call ends with, which is not among them', async () => {
    const [first, second, third] = errors(3);
    const { clock, call } = setUp({ maxAttempts: 3 }, fails(first), fails(second), fails(third));
    expect(await rejectionOf(clock.until(call()))).toBe(third);
    expect([attemptErrorsOf(third), attemptsOf(third)]).toEqual([[first, second], 3]);
  });

  it('are refused values, too', async () => {
    const [, last] = errors(2);
    const refused = { status: 503 };
    const { clock, call } = setUp({ maxAttempts: 2, handleResult: () => true }, works(refused), fails(last));
    await rejectionOf(clock.until(call()));
    expect(attemptErrorsOf(last)).toEqual([refused]);
  });

  it('are the last ten, of a call that is tried for ever', async () => {
    const all = errors(40);
    const { clock, call } = setUp({ maxAttempts: 40, baseDelay: 0 }, ...all.map((error) => fails(error)));
    const last = await rejectionOf(clock.until(call()));
    expect(attemptErrorsOf(last)).toEqual(all.slice(29, 39));
    expect(attemptsOf(last)).toBe(40);
  });

  it('is known of a frozen error as well', async () => {
    const [first] = errors(1);
    const frozen = Object.freeze(new Error('frozen'));
    const { clock, call } = setUp({ maxAttempts: 2 }, fails(first), fails(frozen));
    await rejectionOf(clock.until(call()));
    expect(attemptErrorsOf(frozen)).toEqual([first]);
  });

  it('may be anything that was thrown', async () => {
    const [, last] = errors(2);
    const { clock, call } = setUp({ maxAttempts: 4 }, fails('text'), fails(null), fails(last), fails(last));
    await rejectionOf(clock.until(call()));
    expect(attemptErrorsOf(last)).toEqual(['text', null, last]);
  });

  it('is nothing for an error of one attempt, of no retry, or that is no object', async () => {
    const [only] = errors(1);
    const { clock, call } = setUp({ maxAttempts: 1 }, fails(only));
    await rejectionOf(clock.until(call()));
    expect([only, new Error('other'), 'text', undefined, null].map((error) => attemptErrorsOf(error))).toEqual([[], [], [], [], []]);
  });

  it('is what the last call with the same error left', async () => {
    const [one, two, shared] = errors(3);
    const first = setUp({ maxAttempts: 2 }, fails(one), fails(shared));
    await rejectionOf(first.clock.until(first.call()));
    const second = setUp({ maxAttempts: 2 }, fails(two), fails(shared));
    await rejectionOf(second.clock.until(second.call()));
    expect(attemptErrorsOf(shared)).toEqual([two]);
  });

  it('is known of a call that was given up for an open circuit, and not of the rejection', async () => {
    const [first, second] = errors(2);
    const clock = new TimerClock();
    const call = withPolicies(scripted(fails(first), fails(second)), {
      name: 'a', registry: new BreakerRegistry({ clock }), retry: { maxAttempts: 9, baseDelay: 10 }, breaker: { failureThreshold: 2 },
    });
    await rejectionOf(clock.until(call()));
    expect([attemptErrorsOf(second), attemptErrorsOf(await rejectionOf(call()))]).toEqual([[first], []]);
  });

  it('is known after a recovery', async () => {
    const [first, second] = errors(2);
    const manager = new ErrorRecoveryManager({ retryStrategy: new FixedDelayStrategy({ maxAttempts: 2, baseDelay: 0, jitter: false }) } as never);
    await rejectionOf(manager.executeWithRetry(scripted(fails(first), fails(second)), { operationName: 'op' } as never));
    expect(attemptErrorsOf(second)).toEqual([first]);
  });
});

describe('rule 52: onRetry may take its time', () => {
  const hookOf = (clock: () => TimerClock, ms: number, done: () => void = () => undefined) => () =>
    new Promise<void>((resolve) => {
      clock().setTimeout(() => {
        done();
        resolve();
      }, ms);
    });

  it.each([
    ['the hook, where it takes longer than the delay', 250, 250],
    ['the delay, where the hook is quicker', 30, 100],
  ])('the next attempt waits for %s', async (_what, hookMs, attemptAt) => {
    const starts: number[] = [];
    let token = 'old';
    const clock = new TimerClock();
    const call = withRetry(
      async () => {
        starts.push(clock.now());
        if (token === 'old') throw new Error('401');
        return token;
      },
      { registry: new BreakerRegistry({ clock }), baseDelay: 100, jitter: false, onRetry: hookOf(() => clock, hookMs, () => { token = 'new'; }) },
    );
    expect(await clock.until(call())).toBe('new');
    expect(starts).toEqual([0, attemptAt]);
    expect(clock.armed).toBe(0);
  });

  it('for any thenable', async () => {
    const { clock, call, fn } = setUp({ onRetry: () => ({ then: (resolve: () => void) => { clock.setTimeout(resolve, 500); } }) as PromiseLike<void> }, fails(), works('it'));
    const given = call();
    await clock.advance(499);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(await clock.until(given)).toBe('it');
  });

  it.each<[string, () => PromiseLike<unknown>]>([
    ['rejects', () => Promise.reject(new Error('no token'))],
    ['gives a thenable that throws', () => ({ then: () => { throw new Error('no token'); } })],
  ])('one that %s is contained, and reported once', async (_how, hook) => {
    const warnings = collectWarnings();
    const { clock, call, fn } = setUp({ maxAttempts: 3, onRetry: hook }, fails(), fails(), works('it'));
    expect(await clock.until(call())).toBe('it');
    expect([fn.mock.calls.length, clock.now(), warnings.codes()]).toEqual([3, 300, ['BREAKER_BOX_CALLBACK']]);
    expect(warnings.messages()[0]).toBe('onRetry threw; its throw was contained');
    warnings.stop();
  });

  it('no longer than maxElapsed: the original error is thrown when that has passed', async () => {
    const [first] = errors(1);
    const { clock, call, fn } = setUp({ maxElapsed: 400, onRetry: () => new Promise<void>(() => {}) }, fails(first), works());
    expect(await rejectionOf(clock.until(call()))).toBe(first);
    expect([fn.mock.calls.length, clock.now(), clock.armed]).toEqual([1, 400, 0]);
  });

  it('no longer than the time of the call around it', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const fn = scripted(fails(), works());
    const call = withRetry(fn, { name: 'inner', registry, baseDelay: 100, jitter: false, onRetry: () => new Promise<void>(() => {}) });
    const outer = withPolicies(() => call(), { name: 'outer', registry, timeout: { duration: 300, mode: 'cooperative' } });
    await rejectionOf(clock.until(outer()));
    expect([fn.mock.calls.length, clock.now(), clock.armed]).toEqual([1, 300, 0]);
  });

  it('not when the call is aborted: it rejects at once, and leaves nothing behind', async () => {
    const clock = new TimerClock();
    const caller = new Breaker({ clock });
    const controller = new AbortController();
    const fn = scripted(fails(), works());
    const call = withRetry(fn, { registry: new BreakerRegistry({ clock }), baseDelay: 100, jitter: false, onRetry: () => new Promise<void>(() => {}) });
    const given = rejectionOf(caller.execute(() => call(), { signal: controller.signal }));
    await clock.advance(200);
    const reason = new Error('left');
    controller.abort(reason);
    expect(await given).toBe(reason);
    await reactions();
    expect([fn.mock.calls.length, clock.armed]).toEqual([1, 0]);
  });

  it('aborted while it runs for an aborted call: nothing is waited for', async () => {
    const controller = new AbortController();
    const { clock, call, fn } = setUp({ signal: controller.signal, onRetry: async () => { controller.abort(new Error('left')); } }, fails(), works());
    expect(await rejectionOf(clock.until(call()))).toMatchObject({ message: 'left' });
    expect([fn.mock.calls.length, clock.armed]).toEqual([1, 0]);
  });
});
