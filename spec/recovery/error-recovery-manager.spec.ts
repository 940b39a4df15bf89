import { getEventListeners } from 'node:events';
import { attemptsOf, CircuitOpenError, ConfigurationError, currentCall, withBreaker, withPolicies } from '../../lib';
import {
  CircuitBreakerStrategy, ErrorRecoveryManager, ExponentialBackoffStrategy, FixedDelayStrategy, type RetryConfig, type RetryStrategy,
} from '../../lib/recovery';
import { connectionError, deferred, failingWith, mockedHandler, mockedReporter, settle } from './support/doubles';
import { HOSTILE } from '../support/hostile-values';
import { TestClock } from './support/test-clock';

function setUp({ config = {}, clock = new TestClock() }: { config?: RetryConfig; clock?: TestClock } = {}) {
  const strategy = new CircuitBreakerStrategy({ jitter: false, ...config }, { clock });
  const reporter = mockedReporter();
  const handler = mockedHandler();
  const manager = new ErrorRecoveryManager({ retryStrategy: strategy, errorReporter: reporter, serviceHandler: handler });
  return { clock, strategy, reporter, handler, manager };
}

const context = { operationName: 'download', jobId: '7' };

/** Fails so many times, then works. */
const workingAfter = (failures: number, error: unknown = connectionError()) => {
  let left = failures;
  return jest.fn(async () => {
    if (left-- > 0) throw error;
    return 'done';
  });
};

describe('executeWithRetry', () => {
  it('calls the function with the arguments after the config, and gives its result', async () => {
    const { manager } = setUp();
    const join = jest.fn(async (one: string, other: number) => `${one}${other}`);

    expect(await manager.executeWithRetry(join, context, undefined, 'a', 1)).toBe('a1');
    expect(join.mock.calls).toEqual([['a', 1]]);
  });

  it('starts the first attempt at once', async () => {
    const { manager } = setUp();
    const fn = workingAfter(0);

    const result = manager.executeWithRetry(fn, context);

    expect(fn).toHaveBeenCalledTimes(1);
    await result;
  });

  it('repeats a failed attempt after the delay of the strategy', async () => {
    const { manager, clock } = setUp();

    expect(await manager.executeWithRetry(workingAfter(2), context)).toBe('done');
    expect(clock.waits).toEqual([1000, 2000]);
  });

  it('takes a synchronous throw for a rejection, whatever the strategy', async () => {
    const clock = new TestClock();
    for (const retryStrategy of [new CircuitBreakerStrategy({}, { clock }), new FixedDelayStrategy({}, { clock })]) {
      const error = connectionError();
      const fn = jest.fn((): Promise<string> => {
        throw error;
      });
      await expect(new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context)).rejects.toBe(error);
      expect(fn).toHaveBeenCalledTimes(3);
    }
  });

  it('rejects with the last error itself, which knows how many attempts there were', async () => {
    const { manager } = setUp();
    const errors = [new Error('first'), new Error('second'), new Error('third')];
    const left = [...errors];
    const fn = () => Promise.reject(left.shift());

    await expect(manager.executeWithRetry(fn, context)).rejects.toBe(errors[2]);
    expect(attemptsOf(errors[2])).toBe(3);
  });

  it('rejects with whatever was thrown, undefined too', async () => {
    const { manager, reporter } = setUp();

    await expect(manager.executeWithRetry(failingWith(undefined), context)).rejects.toBeUndefined();
    expect(reporter.reportError).toHaveBeenCalledTimes(1);
  });

  it('lets the function know its operation and its attempt', async () => {
    const clock = new TestClock();
    for (const retryStrategy of [new CircuitBreakerStrategy({}, { clock }), new FixedDelayStrategy({}, { clock })]) {
      const seen: unknown[] = [];
      const fn = async () => {
        const { operation, attempt } = currentCall() ?? {};
        seen.push([operation, attempt]);
        if (seen.length < 3) throw connectionError();
      };
      await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context);
      expect(seen).toEqual([
        ['download', 1],
        ['download', 2],
        ['download', 3],
      ]);
    }
  });

  it('waits by its own clock when it has one', async () => {
    const clock = new TestClock();
    const retryStrategy = new FixedDelayStrategy({ baseDelay: 5, jitter: false });
    await new ErrorRecoveryManager({ retryStrategy, clock }).executeWithRetry(workingAfter(1), context);

    expect(clock.waits).toEqual([5]);
  });
});

describe('errors that another attempt cannot mend', () => {
  const timedOut = async () => {
    const never = withPolicies(() => deferred<string>().promise, {
      name: 'elsewhere.slow',
      retry: { maxAttempts: 1, attemptTimeout: 1 },
    });
    return never().catch((error: unknown) => error);
  };
  const open = async () => {
    const call = withBreaker(() => Promise.resolve(), { name: 'elsewhere.open' });
    call.breaker?.trip();
    return call().catch((error: unknown) => error);
  };

  it.each([
    ['a cancellation', async () => new DOMException('stopped', 'AbortError'), 1],
    ['the open circuit of another operation', open, 1],
    ['a wrong configuration', async () => new ConfigurationError('test', []), 1],
    ['a time-out', timedOut, 3],
  ])('%s', async (_name, make, calls) => {
    const error = await make();
    const { manager } = setUp();
    const fn = failingWith(error);

    await expect(manager.executeWithRetry(fn, context)).rejects.toBe(error);
    expect(fn).toHaveBeenCalledTimes(calls);
  });
});

describe('the circuit', () => {
  it('opens during a call: attempts stop without another wait, and the original error is thrown', async () => {
    const { manager, strategy, clock } = setUp({ config: { maxAttempts: 10, failureThreshold: 2, baseDelay: 10 } });
    const error = connectionError();
    const fn = failingWith(error);

    await expect(manager.executeWithRetry(fn, context)).rejects.toBe(error);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(clock.waits).toEqual([10]);
    expect(strategy.state).toBe('open');
  });

  it('opened by somebody else during a wait: the original error is thrown', async () => {
    const clock = new TestClock(false);
    const { manager, strategy, reporter } = setUp({ clock });
    const error = connectionError();
    const fn = failingWith(error);
    const call = expect(manager.executeWithRetry(fn, context)).rejects.toBe(error);
    await settle();

    strategy.breakerOf('download').trip();
    clock.advance(1000);
    await call;

    expect(fn).toHaveBeenCalledTimes(1);
    expect(reporter.reportError).toHaveBeenCalledTimes(1);
    expect(attemptsOf(error)).toBe(1);
  });

  it('open before a call: the function is not run, no handler is asked, and nothing is reported', async () => {
    const { manager, strategy, reporter, handler } = setUp();
    strategy.breakerOf('download').trip();
    const fn = workingAfter(0);

    await expect(manager.executeWithRetry(fn, context)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(fn).not.toHaveBeenCalled();
    expect(handler.handleError).not.toHaveBeenCalled();
    expect(reporter.reportError).not.toHaveBeenCalled();
  });

  it('lets one probe through when its time has passed, and closes when that works', async () => {
    const { manager, strategy, clock } = setUp({ config: { failureThreshold: 1, recoveryTimeout: '60s' } });
    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);
    clock.advance(60_000);
    expect(strategy.state).toBe('half_open');
    const probe = deferred<string>();
    const first = manager.executeWithRetry(() => probe.promise, context);
    const second = jest.fn(async () => 'second');

    await expect(manager.executeWithRetry(second, context)).rejects.toBeInstanceOf(CircuitOpenError);
    probe.resolve('first');

    expect(await first).toBe('first');
    expect(second).not.toHaveBeenCalled();
    expect(strategy.state).toBe('closed');
  });
});

describe('the handler', () => {
  it('is asked after each failed attempt, with the error and the context', async () => {
    const { manager, handler } = setUp();
    const error = connectionError();

    await manager.executeWithRetry(failingWith(error), context).catch(() => undefined);

    expect(handler.handleError.mock.calls).toEqual([
      [error, context],
      [error, context],
      [error, context],
    ]);
  });

  it('that has recovered is followed by an attempt at once', async () => {
    const { manager, handler, clock } = setUp();
    handler.handleError.mockReturnValueOnce(true);

    expect(await manager.executeWithRetry(workingAfter(2), context)).toBe('done');
    expect(clock.waits).toEqual([2000]);
  });

  it('may answer by a promise', async () => {
    const { manager, handler, clock } = setUp();
    handler.handleError.mockResolvedValue(true);

    expect(await manager.executeWithRetry(workingAfter(2), context)).toBe('done');
    expect(clock.waits).toEqual([]);
  });

  it('that always recovers does not make more attempts than allowed', async () => {
    const { manager, handler } = setUp({ config: { maxAttempts: 4 } });
    handler.handleError.mockReturnValue(true);
    const fn = failingWith(connectionError());

    await manager.executeWithRetry(fn, context).catch(() => undefined);
    expect(fn).toHaveBeenCalledTimes(4);
  });

  it('that always recovers does not open a circuit again, nor hide the error behind it', async () => {
    const { manager, handler, strategy } = setUp({ config: { maxAttempts: 10, failureThreshold: 3 } });
    handler.handleError.mockReturnValue(true);
    const error = connectionError();
    const fn = failingWith(error);

    await expect(manager.executeWithRetry(fn, context)).rejects.toBe(error);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(strategy.state).toBe('open');
  });

  it('overrules a strategy that would not repeat such an error, where the strategy has a limit of attempts', async () => {
    const retryStrategy: RetryStrategy = {
      maxAttempts: 2,
      shouldRetry: () => false,
      getDelay: () => 0,
      recordAttempt: () => undefined,
    };
    const serviceHandler = mockedHandler();
    serviceHandler.handleError.mockReturnValue(true);
    const fn = failingWith(connectionError());
    await new ErrorRecoveryManager({ retryStrategy, serviceHandler }).executeWithRetry(fn, context).catch(() => undefined);

    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('does not overrule a strategy without a limit, which might never end', async () => {
    const retryStrategy: RetryStrategy = { shouldRetry: () => false, getDelay: () => 0, recordAttempt: () => undefined };
    const serviceHandler = mockedHandler();
    serviceHandler.handleError.mockReturnValue(true);
    const fn = failingWith(connectionError());
    await new ErrorRecoveryManager({ retryStrategy, serviceHandler }).executeWithRetry(fn, context).catch(() => undefined);

    expect(fn).toHaveBeenCalledTimes(1);
  });
});

describe('the reporter', () => {
  it('is told once when a call is given up, with severity high', async () => {
    const { manager, reporter } = setUp();
    const error = connectionError();

    await manager.executeWithRetry(failingWith(error), context).catch(() => undefined);

    expect(reporter.reportError.mock.calls).toEqual([[error, 'high', context]]);
  });

  it('is not told of a call that works in the end', async () => {
    const { manager, reporter } = setUp();

    await manager.executeWithRetry(workingAfter(2), context);

    expect(reporter.reportError).not.toHaveBeenCalled();
  });

  it('has done its work when the call rejects', async () => {
    const { manager, reporter } = setUp();
    let reported = false;
    reporter.reportError.mockImplementation(async () => {
      await settle();
      reported = true;
    });

    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);

    expect(reported).toBe(true);
  });

  it('gets what the handler suggests, and the caller keeps its own context', async () => {
    const { manager, reporter, handler } = setUp();
    handler.getRecoverySuggestions.mockResolvedValue(['check the cable']);
    const own = { ...context };

    await manager.executeWithRetry(failingWith(connectionError()), own).catch(() => undefined);

    expect(reporter.reportError.mock.calls[0]?.[2]).toEqual({ ...context, recoverySuggestions: ['check the cable'] });
    expect(own).toEqual(context);
  });
});

describe('what cannot be read', () => {
  // `core/06`: what threw while the reason was read took the place of the function's error.
  it.each([...HOSTILE])('is thrown on as it is, after all attempts, and reported: %s', async (_what, make) => {
    const { manager, reporter, handler } = setUp({ config: { maxAttempts: 2, baseDelay: 0 } });
    handler.handleError.mockReturnValue(false);
    const thrown = make();
    let attempts = 0;
    const box = await manager.executeWithRetry(async () => { attempts++; throw thrown; }, context).then(() => ({}), (error: unknown) => ({ error }));

    expect(Object.is((box as { error: unknown }).error, thrown)).toBe(true);
    const isCancelled = _what.includes('AbortError');
    const isRejection = _what.includes('one of our errors');
    expect([attempts, reporter.reportError.mock.calls.length]).toEqual([isCancelled || isRejection ? 1 : 2, 1]);
  });
});

describe('a helper that fails', () => {
  const cases: [string, (parts: ReturnType<typeof setUp>) => void][] = [
    ['a handler that throws', ({ handler }) => handler.handleError.mockImplementation(() => { throw new Error('helper'); })],
    ['a handler that rejects', ({ handler }) => handler.handleError.mockRejectedValue(new Error('helper'))],
    ['suggestions that throw', ({ handler }) => handler.getRecoverySuggestions.mockImplementation(() => { throw new Error('helper'); })],
    ['suggestions that reject', ({ handler }) => handler.getRecoverySuggestions.mockRejectedValue(new Error('helper'))],
    ['a reporter that throws', ({ reporter }) => reporter.reportError.mockImplementation(() => { throw new Error('helper'); })],
    ['a reporter that rejects', ({ reporter }) => reporter.reportError.mockRejectedValue(new Error('helper'))],
  ];

  it.each(cases)('%s: the original error is thrown, after all attempts, and a warning tells', async (_name, fail) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const parts = setUp();
    fail(parts);
    const error = connectionError();
    const fn = failingWith(error);

    await expect(parts.manager.executeWithRetry(fn, context)).rejects.toBe(error);

    expect(fn).toHaveBeenCalledTimes(3);
    expect(parts.reporter.reportError).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('suggestions that are no list: the report goes without them', async () => {
    const { manager, handler, reporter } = setUp();
    handler.getRecoverySuggestions.mockReturnValue(undefined as never);

    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);

    expect(reporter.reportError.mock.calls[0]?.[2]).toEqual(context);
  });
});

describe('a strategy of one\'s own', () => {
  const own = (methods: Pick<RetryStrategy, 'forOperation' | 'execute'> = {}) => ({
    shouldRetry: jest.fn<boolean | Promise<boolean>, Parameters<RetryStrategy['shouldRetry']>>((attempt) => attempt < 2),
    getDelay: jest.fn<number | Promise<number>, Parameters<RetryStrategy['getDelay']>>((attempt) => 10 * attempt),
    recordAttempt: jest.fn<void | Promise<void>, Parameters<RetryStrategy['recordAttempt']>>(),
    clock: new TestClock(),
    ...methods,
  });

  it('is asked with attempts counted from 0, the error and its reason, and waits in milliseconds', async () => {
    const retryStrategy = own();
    const error = connectionError();
    await expect(new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(failingWith(error), context)).rejects.toBe(error);

    expect(retryStrategy.shouldRetry.mock.calls).toEqual([
      [0, error, 'network_error'],
      [1, error, 'network_error'],
      [2, error, 'network_error'],
    ]);
    expect(retryStrategy.getDelay.mock.calls).toEqual([
      [0, 'network_error'],
      [1, 'network_error'],
    ]);
    expect(retryStrategy.clock.waits).toEqual([10]);
  });

  it('is told how each attempt ended before it is asked about the next', async () => {
    const retryStrategy = own();
    await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(1), context);

    expect(retryStrategy.recordAttempt.mock.calls).toEqual([[false, 'network_error'], [true, undefined]]);
    const [recorded] = retryStrategy.recordAttempt.mock.invocationCallOrder;
    const [asked] = retryStrategy.shouldRetry.mock.invocationCallOrder;
    expect(recorded).toBeLessThan(asked as number);
  });

  it('may answer by promises', async () => {
    const retryStrategy = own();
    retryStrategy.shouldRetry.mockImplementation(async (attempt) => attempt < 1);
    retryStrategy.getDelay.mockResolvedValue(25);
    retryStrategy.recordAttempt.mockResolvedValue();

    expect(await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(1), context)).toBe('done');
    expect(retryStrategy.clock.waits).toEqual([25]);
  });

  it('decides for each operation by itself when it has forOperation', async () => {
    const download = own();
    const forOperation = jest.fn(() => download);
    const retryStrategy = own({ forOperation });
    await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(1), context, { maxAttempts: 2 });

    expect(forOperation.mock.calls).toEqual([['download', { maxAttempts: 2 }]]);
    expect(download.recordAttempt).toHaveBeenCalledTimes(2);
    expect(retryStrategy.recordAttempt).not.toHaveBeenCalled();
  });

  it('may run attempts itself; a rejection without running one ends the call', async () => {
    const busy = new Error('busy');
    let turns = 0;
    const execute: RetryStrategy['execute'] = async (attempt) => {
      if (++turns > 2) throw busy;
      return attempt();
    };
    const retryStrategy = own({ execute });
    const manager = new ErrorRecoveryManager({ retryStrategy });
    const error = connectionError();

    await expect(manager.executeWithRetry(failingWith(error), context)).rejects.toBe(error);
    await expect(manager.executeWithRetry(failingWith(error), context)).rejects.toBe(busy);
    expect(retryStrategy.recordAttempt).not.toHaveBeenCalled();
  });

  it.each(['shouldRetry', 'getDelay', 'recordAttempt'] as const)('that throws in %s does not hide the original error', async (method) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const retryStrategy = own();
    retryStrategy[method].mockImplementation(() => {
      throw new Error('strategy');
    });
    const error = connectionError();

    await expect(new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(failingWith(error), context)).rejects.toBe(error);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('that throws when it is told of a success does not lose the result', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const retryStrategy = own();
    retryStrategy.recordAttempt.mockRejectedValue(new Error('strategy'));

    expect(await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(0), context)).toBe('done');
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it.each([Number.NaN, -1, Infinity, '1s'])('that gives the delay %p ends the call with the original error', async (delay) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const retryStrategy = own();
    retryStrategy.getDelay.mockReturnValue(delay as number);
    const error = connectionError();
    const fn = failingWith(error);

    await expect(new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context)).rejects.toBe(error);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  describe('without forOperation, under a config of the call', () => {
    it('makes as many attempts as the config allows', async () => {
      const retryStrategy = own();
      const fn = failingWith(connectionError());
      await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context, { maxAttempts: 2 }).catch(() => undefined);

      expect(fn).toHaveBeenCalledTimes(2);
      expect(retryStrategy.clock.waits).toEqual([]); // its own first delay is 0
      expect(retryStrategy.getDelay).toHaveBeenCalledTimes(1);
    });

    it('waits as the config says, once it says anything about delays', async () => {
      const retryStrategy = own();
      const config = { baseDelay: 100, exponentialBase: 3, jitter: false };
      await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(2), context, config);

      expect(retryStrategy.clock.waits).toEqual([100, 300]);
      expect(retryStrategy.shouldRetry).toHaveBeenCalledTimes(2);
      expect(retryStrategy.recordAttempt).toHaveBeenCalledTimes(3);
    });

    it('still runs attempts itself, as a method of its own', async () => {
      class Counting implements RetryStrategy {
        runs = 0;
        shouldRetry = () => true;
        getDelay = () => 0;
        recordAttempt = () => undefined;
        async execute<T>(attempt: () => T | PromiseLike<T>): Promise<T> {
          this.runs++;
          return attempt();
        }
      }
      const retryStrategy = new Counting();
      await new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(workingAfter(1), context, { maxAttempts: 2 });

      expect(retryStrategy.runs).toBe(2);
    });
  });
});

describe('the config of a call', () => {
  it('governs attempts and delays, and leaves the rest to the strategy', async () => {
    const { manager, clock } = setUp({ config: { maxAttempts: 2, baseDelay: 10, exponentialBase: 3, failureThreshold: 10 } });
    const fn = failingWith(connectionError());

    await manager.executeWithRetry(fn, context, { maxAttempts: 4, maxDelay: 50 }).catch(() => undefined);

    expect(fn).toHaveBeenCalledTimes(4);
    expect(clock.waits).toEqual([10, 30, 50]);
  });

  it('holds for that call alone', async () => {
    const { manager, clock } = setUp({ config: { maxAttempts: 2, baseDelay: 10 } });

    await manager.executeWithRetry(failingWith(connectionError()), context, { baseDelay: 70 }).catch(() => undefined);
    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);

    expect(clock.waits).toEqual([70, 10]);
  });

  it('does not change the breaker, whose options are the strategy\'s', async () => {
    const { manager, strategy } = setUp({ config: { maxAttempts: 10, failureThreshold: 3 } });
    const fn = failingWith(connectionError());

    await manager.executeWithRetry(fn, context, { failureThreshold: 1, recoveryTimeout: 5 }).catch(() => undefined);

    expect(fn).toHaveBeenCalledTimes(3);
    expect(strategy.breakerOf('download').retryAfter).toBe(60_000);
  });

  it('is neither kept nor changed', async () => {
    const { manager } = setUp();
    const config = Object.freeze({ maxAttempts: 2 });

    await manager.executeWithRetry(workingAfter(1), context, config);

    expect(config).toEqual({ maxAttempts: 2 });
  });
});

describe('an abort', () => {
  const reason = new Error('the user went away');

  it('before the call: the function is not called', async () => {
    const { manager, reporter } = setUp();
    const fn = workingAfter(0);

    await expect(manager.executeWithRetry(fn, context, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(reporter.reportError).not.toHaveBeenCalled();
  });

  it.each([new CircuitBreakerStrategy(), new FixedDelayStrategy()])('is obeyed whatever the strategy: %#', async (retryStrategy) => {
    const controller = new AbortController();
    const serviceHandler = mockedHandler();
    const manager = new ErrorRecoveryManager({ retryStrategy, serviceHandler });
    serviceHandler.handleError.mockImplementation(() => {
      controller.abort(reason);
      return true;
    });
    const fn = failingWith(connectionError());

    await expect(manager.executeWithRetry(fn, context, { signal: controller.signal })).rejects.toBe(reason);
    expect(fn).toHaveBeenCalledTimes(1);
    await expect(manager.executeWithRetry(fn, context, { signal: controller.signal })).rejects.toBe(reason);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('during the last attempt is what the call rejects with', async () => {
    const controller = new AbortController();
    const errorReporter = mockedReporter();
    const manager = new ErrorRecoveryManager({ retryStrategy: new FixedDelayStrategy({ maxAttempts: 1 }), errorReporter });
    const fn = async () => {
      controller.abort(reason);
      throw connectionError();
    };

    await expect(manager.executeWithRetry(fn, context, { signal: controller.signal })).rejects.toBe(reason);
    expect(errorReporter.reportError).not.toHaveBeenCalled();
  });

  it('during a wait ends the call at once, and leaves no timer and no listener', async () => {
    const clock = new TestClock(false);
    const { manager, reporter } = setUp({ clock });
    const controller = new AbortController();
    const fn = failingWith(connectionError());
    const call = expect(manager.executeWithRetry(fn, context, { signal: controller.signal })).rejects.toBe(reason);
    await settle();
    expect(clock.pending).toBe(1);

    controller.abort(reason);
    await call;

    expect(clock.pending).toBe(0);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(reporter.reportError).not.toHaveBeenCalled();
    expect(manager.activeRecoveries()).toEqual([]);
  });

  it('during an attempt counts neither in the breaker nor in a strategy', async () => {
    const recordAttempt = jest.fn();
    const own: RetryStrategy = { shouldRetry: () => true, getDelay: () => 0, recordAttempt };
    const breaking = new CircuitBreakerStrategy({ failureThreshold: 1 });
    for (const retryStrategy of [own, breaking]) {
      const controller = new AbortController();
      const fn = jest.fn(async () => {
        controller.abort(reason);
        throw connectionError();
      });
      const call = new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context, { signal: controller.signal });
      await expect(call).rejects.toBe(reason);
      expect(fn).toHaveBeenCalledTimes(1);
    }
    expect(recordAttempt).not.toHaveBeenCalled();
    expect(breaking.breakerOf('download').stats).toMatchObject({ failures: 0, ignored: 1 });
  });

  it('leaves no listener on the signal of a call that works', async () => {
    const { manager } = setUp();
    const controller = new AbortController();

    await manager.executeWithRetry(workingAfter(1), context, { signal: controller.signal });

    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it.each([
    ['without a signal of its own', undefined],
    ['with one', { signal: new AbortController().signal }],
  ])('of the call around it ends it too, %s, and the function sees it', async (_name, config) => {
    const clock = new TestClock(false);
    const { manager } = setUp({ clock });
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const inner = jest.fn((): Promise<void> => {
      signal = currentCall()?.signal;
      return Promise.reject(connectionError());
    });
    const outer = withPolicies(() => manager.executeWithRetry(inner, context, config), {
      name: 'recovery.outer',
      retry: { maxAttempts: 1, signal: controller.signal },
    });
    const call = expect(outer()).rejects.toBe(reason);
    await settle();

    controller.abort(reason);
    await call;

    expect(inner).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
    expect(signal?.reason).toBe(reason);
  });
});

describe('activeRecoveries', () => {
  it('lists the running calls, their attempts and when they began', async () => {
    const clock = new TestClock(false);
    const { manager } = setUp({ clock });
    const first = manager.executeWithRetry(workingAfter(1), context);
    await settle();
    clock.advance(10);
    const pending = deferred<string>();
    const second = manager.executeWithRetry(() => pending.promise, { operationName: 'title' });

    const active = manager.activeRecoveries();
    expect(active).toEqual([
      { id: expect.any(Number), operationName: 'download', startedAt: Date.UTC(2026, 0, 31), attempts: 1 },
      { id: expect.any(Number), operationName: 'title', startedAt: Date.UTC(2026, 0, 31) + 10, attempts: 1 },
    ]);
    expect(active[0]?.id).not.toBe(active[1]?.id);

    clock.advance(1000);
    await first;
    expect(manager.activeRecoveries()).toMatchObject([{ operationName: 'title' }]);
    pending.resolve('done');
    await second;
    expect(manager.activeRecoveries()).toEqual([]);
  });

  it('forgets a call that was given up or rejected', async () => {
    const { manager, strategy } = setUp({ config: { failureThreshold: 1 } });

    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);
    expect(strategy.state).toBe('open');
    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);

    expect(manager.activeRecoveries()).toEqual([]);
  });
});

describe('wrong input', () => {
  const issuesOf = (error: unknown) => (error as ConfigurationError).issues.map(({ path }) => path);

  it('of the manager is told at once, all of it', () => {
    const wrong = { retryStrategy: { shouldRetry: () => true }, errorReporter: {}, serviceHandler: null, reporter: 1 };
    try {
      new ErrorRecoveryManager(wrong as never);
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(issuesOf(error)).toEqual(['retryStrategy', 'errorReporter', 'serviceHandler', 'reporter']);
    }
  });

  it('of a call rejects it, and the function is not run', async () => {
    const { manager } = setUp();
    const wrong = manager.executeWithRetry(
      'fetch' as never,
      { name: 'download' } as never,
      { maxAttempt: 2, baseDelay: -1, maxDelay: null } as never,
    );

    const error: unknown = await wrong.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(issuesOf(error)).toEqual(['fn', 'context.operationName', 'config.baseDelay', 'config.maxDelay', 'config.maxAttempt']);
    expect((error as Error).message).toContain('did you mean maxAttempts?');
  });

  it.each([
    ['a strategy of ours', new ExponentialBackoffStrategy({ maxDelay: 100, baseDelay: 10 })],
    ['one of the user', { shouldRetry: () => true, getDelay: () => 0, recordAttempt: () => undefined, maxAttempts: 3 }],
  ])('delays of a call that do not go together, with those of %s', async (_name, retryStrategy: RetryStrategy) => {
    const fn = jest.fn(async () => 'done');
    const call = new ErrorRecoveryManager({ retryStrategy }).executeWithRetry(fn, context, { baseDelay: '10m' });

    await expect(call).rejects.toBeInstanceOf(ConfigurationError);
    expect(fn).not.toHaveBeenCalled();
  });
});
