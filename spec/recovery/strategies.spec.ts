import { breakerOf, BreakerRegistry, ConfigurationError, OperationConflictError } from '../../lib';
import {
  AdaptiveStrategy, CircuitBreakerStrategy, ExponentialBackoffStrategy, FixedDelayStrategy, type RetryConfig, type RetryStrategy,
} from '../../lib/recovery';
import { configure } from '../../lib/operate';
import { connectionError } from './support/doubles';
import { TestClock } from './support/test-clock';

const strategies = { ExponentialBackoffStrategy, FixedDelayStrategy, AdaptiveStrategy, CircuitBreakerStrategy };
const each = Object.entries(strategies);
const error = connectionError();

const delays = (strategy: RetryStrategy, attempts = [0, 1, 2, 3]) =>
  attempts.map((attempt) => strategy.getDelay(attempt, 'network_error'));

describe.each(each)('%s', (_name, Strategy) => {
  it('allows three attempts unless told otherwise', () => {
    const strategy = new Strategy().forOperation('download');

    expect([0, 1, 2].map((attempt) => strategy.shouldRetry(attempt, error, 'network_error'))).toEqual([true, true, false]);
  });

  it('allows one attempt when that is the maximum, and any number when it is infinite', () => {
    expect(new Strategy({ maxAttempts: 1 }).shouldRetry(0, error)).toBe(false);
    expect(new Strategy({ maxAttempts: Infinity }).maxAttempts).toBe(Infinity);
  });

  it('spreads delays by 10 % either way when jitter is true, which it is unless told otherwise', () => {
    const delayWith = (random: number, config: RetryConfig = {}) => {
      const strategy = new Strategy({ baseDelay: 1000, ...config }, { random: () => random });
      strategy.recordAttempt(false); // the adaptive one halves delays while all is well
      return strategy.getDelay(0) as number;
    };
    const middle = delayWith(0.5);

    expect(delayWith(0)).toBeCloseTo(middle * 0.9, 6);
    expect(delayWith(1)).toBeCloseTo(middle * 1.1, 6);
    expect(delayWith(0, { jitter: true })).toBeCloseTo(middle * 0.9, 6);
    expect(delayWith(0, { jitter: false })).toBe(middle);
    expect(delayWith(0, { jitter: 0.5 })).toBeCloseTo(middle * 0.5, 6);
    expect(delayWith(0, { jitter: 'full' })).toBe(0);
  });

  it('spreads no delay over its maximum', () => {
    const strategy = new Strategy({ baseDelay: 1000, maxDelay: 1000 }, { random: () => 1 });
    strategy.recordAttempt(false);

    expect(strategy.getDelay(0)).toBe(1000);
  });

  it('never gives a delay that is no number, at any attempt', () => {
    const strategy = new Strategy({ maxDelay: '5m', jitter: false });
    strategy.recordAttempt(false);

    for (const attempt of [10, 1_000, 10_000, Number.MAX_SAFE_INTEGER]) {
      expect(strategy.getDelay(attempt)).toBeGreaterThanOrEqual(0);
      expect(strategy.getDelay(attempt)).toBeLessThanOrEqual(300_000);
    }
  });

  it('keeps what it was told at construction, whatever becomes of the object', () => {
    const config = { maxAttempts: 2 };
    const strategy = new Strategy(config);
    config.maxAttempts = 9;

    expect(strategy.maxAttempts).toBe(2);
    expect(strategy.forOperation('download', { baseDelay: 1, maxAttempts: undefined }).maxAttempts).toBe(2);
  });

  it('takes the clock given to it, else that of the registry', () => {
    const [own, shared] = [new TestClock(), new TestClock()];
    const registry = new BreakerRegistry({ clock: shared });

    expect(new Strategy({}, { clock: own, registry }).clock).toBe(own);
    expect(new Strategy({}, { registry }).clock).toBe(shared);
    expect(new Strategy({}, { clock: own }).forOperation('download', { maxAttempts: 2 }).clock).toBe(own);
  });

  it('takes the random source given to it, else that of the registry', () => {
    const registry = new BreakerRegistry({ random: () => 0 });
    const fromRegistry = new Strategy({ jitter: 'full' }, { registry });
    const given = new Strategy({ jitter: 'full' }, { registry, random: () => 0.5 });

    expect(fromRegistry.getDelay(0)).toBe(0);
    expect(given.getDelay(0)).toBeGreaterThan(0);
  });

  it('names all that is wrong with config and injection in one error', () => {
    const config = { maxAttempts: 0, baseDelay: '5s', maxDelay: '1s', jitter: 2, exponentialBase: 0.5, failureThreshold: 1.5 };
    const more = { recoveryTimeout: 0, maxAttemps: 3 };
    let thrown: unknown;
    try {
      new Strategy({ ...config, ...more } as never, { clock: {}, random: 1, registry: {}, rng: 1 } as never);
    } catch (error_) {
      thrown = error_;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    const { message, issues } = thrown as ConfigurationError;
    expect(issues.map(({ path }) => path).sort()).toEqual(
      [...Object.keys(config).filter((name) => name !== 'baseDelay'), ...Object.keys(more), 'clock', 'random', 'registry', 'rng'].sort(),
    );
    expect(message).toContain(`new ${Strategy.name}`);
    expect(message).toContain('did you mean maxAttempts?');
  });

  it.each([null, 3, 'fast'])('refuses %p as its config', (config) => {
    expect(() => new Strategy(config as never)).toThrow(ConfigurationError);
  });

  it.each([Number.NaN, -1, '1x', null])('refuses the delay %p', (baseDelay) => {
    expect(() => new Strategy({ baseDelay: baseDelay as never })).toThrow(ConfigurationError);
  });

  it('refuses a wrong config of a call', () => {
    expect(() => new Strategy().forOperation('download', { maxAttempts: 0 })).toThrow(ConfigurationError);
    expect(() => new Strategy({ maxDelay: 10, baseDelay: 1 }).forOperation('download', { baseDelay: 20 })).toThrow(/maxDelay/);
  });
});

describe('ExponentialBackoffStrategy', () => {
  it('waits baseDelay times exponentialBase to the attempt, counted from 0, up to maxDelay', () => {
    const strategy = new ExponentialBackoffStrategy({ baseDelay: '1s', maxDelay: '5s', jitter: false });
    expect(delays(strategy)).toEqual([1000, 2000, 4000, 5000]);

    const steeper = new ExponentialBackoffStrategy({ baseDelay: 10, exponentialBase: 3, jitter: false });
    expect(delays(steeper)).toEqual([10, 30, 90, 270]);
  });

  it('is the same for all operations, for it has no state', () => {
    const strategy = new ExponentialBackoffStrategy();

    expect(strategy.forOperation('download')).toBe(strategy);
  });
});

describe('FixedDelayStrategy', () => {
  it('waits the same after every attempt', () => {
    expect(delays(new FixedDelayStrategy({ baseDelay: 70, jitter: false }))).toEqual([70, 70, 70, 70]);
  });

  it('stays fixed under the config of a call', () => {
    const strategy = new FixedDelayStrategy({ baseDelay: 70, jitter: false });

    expect(delays(strategy.forOperation('download', { baseDelay: 5 }))).toEqual([5, 5, 5, 5]);
  });
});

describe('AdaptiveStrategy', () => {
  const record = (strategy: Pick<RetryStrategy, 'recordAttempt'>, successes: number, failures: number) => {
    for (let i = 0; i < successes; i++) void strategy.recordAttempt(true);
    for (let i = 0; i < failures; i++) void strategy.recordAttempt(false);
  };
  const config = { baseDelay: 100, maxDelay: '1h', jitter: false, maxAttempts: 10 } as const;

  it.each([
    ['below a success rate of 0.7', 6, 4, [200, 400]],
    ['at a success rate of 0.7', 7, 3, [50, 100]],
    ['while all works', 10, 0, [50, 100]],
  ])('multiplies the exponential delay %s', (_name, successes, failures, expected) => {
    const strategy = new AdaptiveStrategy(config);
    record(strategy, successes, failures);

    expect(delays(strategy, [0, 1])).toEqual(expected);
  });

  it('caps the multiplied delay', () => {
    const strategy = new AdaptiveStrategy({ ...config, maxDelay: 150 });
    record(strategy, 0, 1);

    expect(delays(strategy, [0, 1])).toEqual([150, 150]);
  });

  it.each([
    ['below 0.3 stops at the third attempt', 2, 8, [true, true, false, false]],
    ['at 0.3 goes on', 3, 7, [true, true, true, true]],
  ])('a success rate %s', (_name, successes, failures, expected) => {
    const strategy = new AdaptiveStrategy(config);
    record(strategy, successes, failures);

    expect([0, 1, 2, 3].map((attempt) => strategy.shouldRetry(attempt, error))).toEqual(expected);
  });

  it.each([
    ['ten', undefined, 7],
    ['four', 4, 3],
  ])('learns from the last %s attempts when windowSize is %p', (_size, windowSize, enough) => {
    const strategy = new AdaptiveStrategy({ ...config, windowSize });
    record(strategy, 0, 100);
    record(strategy, enough - 1, 0);
    expect(strategy.getDelay(0)).toBe(200);

    record(strategy, 1, 0);
    expect(strategy.getDelay(0)).toBe(50);
  });

  it('keeps the results of operations apart', () => {
    const strategy = new AdaptiveStrategy(config);
    record(strategy.forOperation('download'), 0, 10);
    record(strategy.forOperation('title'), 10, 0);

    expect(delays(strategy.forOperation('download'), [0])).toEqual([200]);
    expect(delays(strategy.forOperation('title'), [0])).toEqual([50]);
    expect(strategy.forOperation('download').shouldRetry(2, error)).toBe(false);
    expect(strategy.forOperation('title').shouldRetry(2, error)).toBe(true);
  });

  it('remembers an operation across calls that have a config of their own', () => {
    const strategy = new AdaptiveStrategy(config);
    record(strategy.forOperation('download', { maxAttempts: 2 }), 0, 10);

    expect(delays(strategy.forOperation('download', { baseDelay: 1 }), [0])).toEqual([2]);
  });

  it('takes its results to be the same, called directly, as those of one operation', () => {
    const strategy = new AdaptiveStrategy(config);
    record(strategy, 0, 10);

    expect(strategy.getDelay(0)).toBe(200);
    expect(delays(strategy.forOperation('download'), [0])).toEqual([50]);
  });

  it.each([0, 1.5, Number.NaN, Infinity])('refuses the windowSize %p', (windowSize) => {
    expect(() => new AdaptiveStrategy({ windowSize })).toThrow(/windowSize/);
  });
});

describe('CircuitBreakerStrategy', () => {
  const failTimes = (strategy: RetryStrategy, times: number) => {
    for (let i = 0; i < times; i++) void strategy.recordAttempt(false);
  };

  it('opens after five consecutive failures for a minute unless told otherwise', () => {
    const clock = new TestClock();
    const strategy = new CircuitBreakerStrategy({}, { clock });
    failTimes(strategy.forOperation('download'), 4);
    expect(strategy.stateOf('download')).toBe('closed');
    failTimes(strategy.forOperation('download'), 1);
    expect(strategy.stateOf('download')).toBe('open');

    clock.advance(59_999);
    expect(strategy.stateOf('download')).toBe('open');
    clock.advance(1);
    expect(strategy.stateOf('download')).toBe('half_open');
  });

  it('has the worst state and the largest failure count of its operations', () => {
    const clock = new TestClock();
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 2, recoveryTimeout: 100 }, { clock });
    expect([strategy.state, strategy.failureCount]).toEqual(['closed', 0]);

    failTimes(strategy.forOperation('title'), 1);
    expect([strategy.state, strategy.failureCount]).toEqual(['closed', 1]);

    failTimes(strategy.forOperation('download'), 2);
    expect([strategy.state, strategy.failureCount]).toEqual(['open', 2]);

    clock.advance(100);
    expect([strategy.state, strategy.failureCount]).toEqual(['half_open', 2]);

    failTimes(strategy.forOperation('upload'), 2);
    expect(strategy.state).toBe('open');
    expect(['title', 'download', 'upload'].map((name) => strategy.stateOf(name))).toEqual(['closed', 'half_open', 'open']);
  });

  it('knows an operation that was never called as closed, and makes nothing by being asked', () => {
    const registry = new BreakerRegistry();
    const strategy = new CircuitBreakerStrategy({}, { registry });

    expect(strategy.stateOf('download')).toBe('closed');
    expect(registry.has('download')).toBe(false);
  });

  it('hands out the breaker of an operation before its first call, so that it can be listened to', () => {
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 });
    const seen: string[] = [];
    strategy.breakerOf('download').on('transition', ({ to }) => seen.push(to));

    failTimes(strategy.forOperation('download'), 1);

    expect(seen).toEqual(['open']);
    expect(strategy.breakerOf('download')).toBe(strategy.breakerOf('download'));
    expect(strategy.breakerOf('download').name).toBe('download');
  });

  it('does not retry while the circuit is open', () => {
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 });
    const download = strategy.forOperation('download');
    expect(download.shouldRetry(0, error)).toBe(true);

    strategy.breakerOf('download').trip();

    expect(download.shouldRetry(0, error)).toBe(false);
  });

  it('waits as exponential backoff does', () => {
    expect(delays(new CircuitBreakerStrategy({ baseDelay: 10, maxDelay: 50, jitter: false }))).toEqual([10, 20, 40, 50]);
  });

  it('takes recorded attempts, called directly, for those of one operation by itself', () => {
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 2, maxAttempts: 9 });
    strategy.recordAttempt(false);
    strategy.recordAttempt(true);
    strategy.recordAttempt(false);
    expect(strategy.shouldRetry(2, error)).toBe(true);
    strategy.recordAttempt(false);

    expect([strategy.state, strategy.failureCount]).toEqual(['open', 2]);
    expect(strategy.shouldRetry(3, error)).toBe(false);
    expect(strategy.stateOf('download')).toBe('closed');
  });

  it('neither counts nor rejects what is recorded while the circuit is open; a probe that is recorded decides', () => {
    const clock = new TestClock();
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 1, recoveryTimeout: 100 }, { clock });
    const download = strategy.forOperation('download');
    void download.recordAttempt(false);
    void download.recordAttempt(true);
    void download.recordAttempt(false);
    expect(strategy.breakerOf('download').stats).toMatchObject({ calls: 1, rejected: 0 });

    clock.advance(100);
    void download.recordAttempt(true);
    expect(strategy.state).toBe('closed');
  });

  describe('with a registry', () => {
    it('keeps its breakers there, under the names of the operations', () => {
      const registry = new BreakerRegistry();
      const strategy = new CircuitBreakerStrategy({}, { registry });

      expect(strategy.breakerOf('download')).toBe(registry.get('download'));
    });

    it('gives its options to them, and leaves to the registry what it does not say', () => {
      const registry = new BreakerRegistry({ defaults: { failureThreshold: 2, recoveryTimeout: 70 } });
      const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 }, { registry });
      failTimes(strategy.forOperation('download'), 1);

      expect(strategy.state).toBe('open');
      expect(strategy.breakerOf('download').retryAfter).toBeGreaterThan(0);
      expect(strategy.breakerOf('download').retryAfter).toBeLessThanOrEqual(70);
    });

    it('obeys what the operator configures there', () => {
      const registry = new BreakerRegistry();
      const strategy = new CircuitBreakerStrategy({}, { registry });
      configure(registry, 'down*', { failureThreshold: 1 });
      failTimes(strategy.forOperation('download'), 1);

      expect(strategy.state).toBe('open');
    });

    it('counts only its own operations in its state', () => {
      const registry = new BreakerRegistry();
      const strategy = new CircuitBreakerStrategy({}, { registry });
      strategy.breakerOf('download');
      breakerOf('elsewhere', undefined, registry).trip();

      expect(strategy.state).toBe('closed');
      expect(strategy.stateOf('elsewhere')).toBe('open');
    });

    it('refuses an operation that is there with other options', () => {
      const registry = new BreakerRegistry();
      breakerOf('download', { failureThreshold: 7 }, registry);
      const strategy = new CircuitBreakerStrategy({ failureThreshold: 3 }, { registry });

      expect(() => strategy.forOperation('download')).toThrow(OperationConflictError);
      expect(strategy.state).toBe('closed');
    });

    it('begins anew with an operation that was deleted there', () => {
      const registry = new BreakerRegistry();
      const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 }, { registry });
      failTimes(strategy.forOperation('download'), 1);
      registry.delete('download');
      expect(strategy.state).toBe('closed');

      failTimes(strategy.forOperation('download'), 1);
      expect(strategy.state).toBe('open');
    });
  });

  it('has a registry of its own otherwise: two strategies share nothing', () => {
    const [one, other] = [new CircuitBreakerStrategy(), new CircuitBreakerStrategy()];
    one.breakerOf('download').trip();

    expect(one.state).toBe('open');
    expect(other.stateOf('download')).toBe('closed');
  });

  it.each(['__proto__', 'constructor', ''])('takes %p for the name of an operation like any other', (name) => {
    const strategy = new CircuitBreakerStrategy({ failureThreshold: 1 });
    expect(strategy.stateOf(name)).toBe('closed');
    failTimes(strategy.forOperation(name), 1);

    expect(strategy.stateOf(name)).toBe('open');
  });
});
