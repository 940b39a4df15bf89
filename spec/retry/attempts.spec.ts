import {
  attemptErrorsOf, attemptsOf, BreakerRegistry, CircuitOpenError, OperationTimeoutError, withBreaker, withPolicies, withRetry, type RetryOptions,
} from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

class QuotaError extends Error {}
class NetworkError extends Error {}

const quick = () => ({ clock: new TimerClock(), baseDelay: 0 });

describe('how often a call is tried', () => {
  it('is once when it works', async () => {
    const fn = scripted(works('it'));
    expect(await withRetry(fn, quick())('a', 1)).toBe('it');
    expect(fn.mock.calls).toEqual([['a', 1]]);
  });

  it('is until it works, with the same receiver and arguments', async () => {
    const receivers: unknown[] = [];
    const fn = scripted(fails(), fails(), works('it'));
    const options = quick();
    const service = {
      fetch: withRetry(async function (this: unknown, ...args: unknown[]) {
        receivers.push(this);
        return fn(...args);
      }, options),
    };

    expect(await options.clock.until(service.fetch('a'))).toBe('it');
    expect(fn.mock.calls).toEqual([['a'], ['a'], ['a']]);
    expect(receivers).toEqual([service, service, service]);
  });

  it('is three times by default, and ends with the last error itself', async () => {
    const last = new Error('third');
    const fn = scripted(fails(), fails(), fails(last), works());
    const options = quick();

    expect(await rejectionOf(options.clock.until(withRetry(fn, options)()))).toBe(last);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(attemptsOf(last)).toBe(3);
  });

  it('is without end when maxAttempts is Infinity', async () => {
    const fn = scripted(...Array.from({ length: 50 }, () => fails()), works('at last'));
    const options = quick();
    expect(await options.clock.until(withRetry(fn, { ...options, maxAttempts: Infinity })())).toBe('at last');
  });

  it.each<[string, () => RetryOptions]>([
    ['by itself', () => ({})],
    ['with a budget', () => ({ budget: {} })],
    ['with a signal', () => ({ signal: new AbortController().signal })],
  ])('is not told of a rejection by the open circuit, before which none was made: %s', async (_how, given) => {
    const fn = scripted(works());
    const call = withPolicies(fn, { name: 'users.fetch', breaker: {}, retry: given(), registry: new BreakerRegistry() });
    call.breaker!.trip();

    const error = await rejectionOf(call());

    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(attemptsOf(error)).toBeUndefined();
    expect(fn).not.toHaveBeenCalled();
  });

  it('is once when maxAttempts is 1', async () => {
    const fn = scripted(fails());
    const error = await rejectionOf(withRetry(fn, { maxAttempts: 1 })());
    expect(fn).toHaveBeenCalledTimes(1);
    expect(attemptsOf(error)).toBe(1);
  });

  it('treats a synchronous throw as a rejection', async () => {
    const options = quick();
    const fn = jest.fn((): Promise<string> => {
      throw new Error('at once');
    });
    expect(await rejectionOf(options.clock.until(withRetry(fn, options)()))).toEqual(new Error('at once'));
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it.each([undefined, null, 'text', 0])('is three times when it fails with %p, which is thrown as it is', async (thrown) => {
    const options = quick();
    const fn = scripted({ error: thrown });
    expect(await rejectionOf(options.clock.until(withRetry(fn, options)()))).toBe(thrown);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(attemptsOf(thrown)).toBeUndefined();
  });
});

describe('attemptsOf', () => {
  it('is undefined for errors that no retried call gave up with', () => {
    expect(attemptsOf(new Error('other'))).toBeUndefined();
    expect(attemptsOf(undefined)).toBeUndefined();
  });

  it('counts the attempts of the last call that gave up with an error', async () => {
    const error = new Error('shared');
    const options = quick();
    await rejectionOf(options.clock.until(withRetry(scripted(fails(error)), { ...options, maxAttempts: 4 })()));
    await rejectionOf(options.clock.until(withRetry(scripted(fails(error)), { ...options, maxAttempts: 2 })()));
    expect(attemptsOf(error)).toBe(2);
  });

  it('tells operations apart that throw one error object', async () => {
    const error = new Error('shared');
    const options = quick();
    const giveUp = (name: string, maxAttempts: number) => rejectionOf(options.clock.until(withRetry(scripted(fails(error)), { ...options, name, maxAttempts })()));
    await giveUp('a', 4);
    await giveUp('b', 2);
    await giveUp('a', 3);
    await giveUp('b', 5);
    expect([attemptsOf(error, 'a'), attemptsOf(error, 'b'), attemptsOf(error, 'c'), attemptsOf(error)]).toEqual([3, 5, undefined, 5]);
    expect(attemptErrorsOf(error, 'a')).toEqual([error, error]);
    expect([error].map(attemptsOf as (error: unknown) => number | undefined)).toEqual([5]);
  });

  it('forgets the operations that were given up longest ago, where very many share one error object', async () => {
    const error = new Error('shared');
    const options = quick();
    for (let n = 0; n < 40; n++) await rejectionOf(options.clock.until(withRetry(scripted(fails(error)), { ...options, name: `op ${n}`, maxAttempts: 2 })()));
    expect([attemptsOf(error, 'op 7'), attemptsOf(error, 'op 8'), attemptsOf(error)]).toEqual([undefined, 2, 2]);
  });

  it('works for a frozen error', async () => {
    const error = Object.freeze(new Error('frozen'));
    const options = quick();
    expect(await rejectionOf(options.clock.until(withRetry(scripted(fails(error)), options)()))).toBe(error);
    expect(attemptsOf(error)).toBe(3);
  });
});

describe('which errors are tried again', () => {
  async function attemptsAfter(error: unknown, given: object = {}): Promise<number> {
    const fn = scripted(fails(error));
    const options = quick();
    expect(await rejectionOf(options.clock.until(withRetry(fn, { ...options, ...given })()))).toBe(error);
    return fn.mock.calls.length;
  }

  it('are all but aborts and rejections by policies', async () => {
    const shut = withBreaker(scripted(works()));
    shut.breaker!.trip();
    expect(await attemptsAfter(new Error('any'))).toBe(3);
    expect(await attemptsAfter(new OperationTimeoutError('other', 10))).toBe(3);
    expect(await attemptsAfter(new DOMException('cancelled', 'AbortError'))).toBe(1);
    expect(await attemptsAfter(await rejectionOf(shut()))).toBe(1);
  });

  it('are those that handle names, by class, list or predicate; any other ends the call at once', async () => {
    expect(await attemptsAfter(new QuotaError(), { handle: QuotaError })).toBe(3);
    expect(await attemptsAfter(new NetworkError(), { handle: QuotaError })).toBe(1);
    expect(await attemptsAfter(new NetworkError(), { handle: [QuotaError, NetworkError] })).toBe(3);
    const message = (error: unknown) => (error as Error).message === 'again';
    expect(await attemptsAfter(new Error('again'), { handle: message })).toBe(3);
    expect(await attemptsAfter(new Error('no'), { handle: message })).toBe(1);
  });

  it('are not those that ignore names, whatever handle says', async () => {
    expect(await attemptsAfter(new QuotaError(), { handle: Error, ignore: QuotaError })).toBe(1);
    expect(await attemptsAfter(new NetworkError(), { handle: Error, ignore: QuotaError })).toBe(3);
  });

  it('may be open circuits of other operations when handle asks for them', async () => {
    const shut = withBreaker(scripted(works()));
    shut.breaker!.trip();
    expect(await attemptsAfter(await rejectionOf(shut()), { handle: CircuitOpenError })).toBe(3);
  });

  it('are all that a throwing predicate is asked about, with one warning', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const broken = (): boolean => {
      throw new TypeError('predicate');
    };
    expect(await attemptsAfter(new Error('down'), { handle: broken })).toBe(3);
    expect(await attemptsAfter(new Error('down'), { ignore: broken })).toBe(3);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });
});

describe('handleResult of a retry', () => {
  const unavailable = { status: 503 };
  const isUnavailable = ({ status }: { status: number }): boolean => status === 503;

  it('tries again while a value is refused', async () => {
    const options = { ...quick(), handleResult: isUnavailable };
    const fn = scripted(works(unavailable), works(unavailable), works({ status: 200 }));
    expect(await options.clock.until(withRetry(fn, options)())).toEqual({ status: 200 });
  });

  it('gives the last value when it is refused too', async () => {
    const options = { ...quick(), handleResult: isUnavailable };
    const fn = scripted(works(unavailable));
    expect(await options.clock.until(withRetry(fn, options)())).toBe(unavailable);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('takes a value as it is when the predicate throws', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const handleResult = (): boolean => {
      throw new TypeError('predicate');
    };
    const fn = scripted(works(unavailable));
    expect(await withRetry(fn, { ...quick(), handleResult })()).toBe(unavailable);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it('leaves the breaker’s own judgement alone', async () => {
    const options = { ...quick(), handleResult: isUnavailable };
    const wrapped = withRetry(scripted(works(unavailable)), options);
    await options.clock.until(wrapped());
    expect(wrapped.breaker!.stats).toMatchObject({ successes: 3, failures: 0 });
  });

  it('does not hide an error between refused values', async () => {
    const options = { ...quick(), handleResult: isUnavailable };
    const error = new Error('last');
    const fn = scripted(works(unavailable), works(unavailable), fails(error));
    expect(await rejectionOf(options.clock.until(withRetry(fn, options)()))).toBe(error);
  });
});

describe('onRetry', () => {
  it('is told, before each wait, the attempt that failed, its error and the delay', async () => {
    const clock = new TimerClock();
    const [one, two] = [new Error('one'), new Error('two')];
    const onRetry = jest.fn();
    const fetchUser = withRetry(scripted(fails(one), fails(two), works()), {
      name: 'users.onRetry', baseDelay: 100, jitter: false, onRetry, clock,
    });

    const call = fetchUser();
    await clock.advance(50);
    expect(onRetry.mock.calls).toEqual([[{ attempt: 1, delay: 100, error: one, operation: 'users.onRetry' }]]);
    await clock.until(call);

    expect(onRetry.mock.calls[1]).toEqual([{ attempt: 2, delay: 200, error: two, operation: 'users.onRetry' }]);
    expect(onRetry).toHaveBeenCalledTimes(2);
  });

  it('cannot harm the call by a throw or a rejection', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    for (const onRetry of [() => { throw new Error('sync'); }, () => Promise.reject(new Error('async'))]) {
      const options = { ...quick(), onRetry: onRetry as () => void };
      expect(await options.clock.until(withRetry(scripted(fails(), works('it')), options)())).toBe('it');
    }
    expect(warnings).toHaveBeenCalledTimes(2);
    warnings.mockRestore();
  });

  it('is told an undefined error when a value was refused', async () => {
    const onRetry = jest.fn();
    const options = { ...quick(), onRetry, handleResult: (value: unknown) => value === 'bad' };
    await options.clock.until(withRetry(scripted(works('bad'), works('good')), options)());
    expect(onRetry.mock.calls).toEqual([[expect.objectContaining({ attempt: 1, error: undefined })]]);
  });
});
