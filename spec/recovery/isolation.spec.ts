import { createHash } from 'node:crypto';
import { CircuitOpenError } from '../../lib';
import { AdaptiveStrategy, CircuitBreakerStrategy, ErrorRecoveryManager } from '../../lib/recovery';
import { connectionError, deferred, failingWith, settle } from './support/doubles';
import { TestClock } from './support/test-clock';

const works = jest.fn(async () => 'ok');

function setUp(config = {}) {
  const clock = new TestClock();
  const strategy = new CircuitBreakerStrategy({ maxAttempts: 1, failureThreshold: 3, ...config }, { clock });
  const manager = new ErrorRecoveryManager({ retryStrategy: strategy });
  const run = <T>(operationName: string, fn: () => Promise<T>) => manager.executeWithRetry(fn, { operationName });
  const fails = (operationName: string) => run(operationName, failingWith(connectionError())).catch((error: unknown) => error);
  return { clock, strategy, manager, run, fails };
}

describe('operations that share one strategy', () => {
  it('each count their own failures, whatever succeeds in between', async () => {
    const { strategy, run, fails } = setUp();
    for (let i = 0; i < 3; i++) {
      await fails('download');
      await run('title', works);
    }

    expect(strategy.stateOf('download')).toBe('open');
    expect(strategy.stateOf('title')).toBe('closed');
    expect(strategy.failureCount).toBe(3);
    expect(await run('title', works)).toBe('ok');
  });

  it('each open alone: the others go on', async () => {
    const { strategy, run, fails } = setUp();
    for (let i = 0; i < 3; i++) await fails('download');
    await fails('title');

    expect(await fails('download')).toBeInstanceOf(CircuitOpenError);
    expect(await run('title', works)).toBe('ok');
    expect(strategy.breakerOf('title').failureCount).toBe(0);
    expect(strategy.breakerOf('download').failureCount).toBe(3);
  });

  it('each recover alone', async () => {
    const { strategy, run, fails, clock } = setUp({ recoveryTimeout: 1000 });
    for (let i = 0; i < 3; i++) await fails('download');
    clock.advance(500);
    for (let i = 0; i < 3; i++) await fails('title');
    clock.advance(500);

    await run('download', works);

    expect([strategy.stateOf('download'), strategy.stateOf('title')]).toEqual(['closed', 'open']);
    expect(strategy.state).toBe('open');
  });

  it('share the breaker of their name through two managers', async () => {
    const { strategy, fails } = setUp();
    for (let i = 0; i < 3; i++) await fails('download');
    const other = new ErrorRecoveryManager({ retryStrategy: strategy });

    await expect(other.executeWithRetry(works, { operationName: 'download' })).rejects.toBeInstanceOf(CircuitOpenError);
    expect(await other.executeWithRetry(works, { operationName: 'title' })).toBe('ok');
  });

  it('two hundred of them, run at once with interleaved outcomes, agree with counts kept apart', async () => {
    const { strategy, manager } = setUp({ failureThreshold: 4 });
    const names = Array.from({ length: 200 }, (_, index) => `operation ${index}`);
    // How each round ends for each operation: half of them well, mixed up, and the same in every run.
    const outcome = (operation: number, round: number) => createHash('sha256').update(`${operation} ${round}`).digest()[0]! < 128;
    const expected = names.map((_, operation) => {
      let consecutive = 0;
      let runs = 0;
      for (let round = 0; round < 20 && consecutive < 4; round++) {
        runs++;
        consecutive = outcome(operation, round) ? 0 : consecutive + 1;
      }
      return { runs, consecutive };
    });
    const runs = names.map(() => 0);
    for (let round = 0; round < 20; round++) {
      const calls = names.map((operationName, operation) => {
        const fn = async () => {
          runs[operation] = (runs[operation] ?? 0) + 1;
          await settle();
          if (!outcome(operation, round)) throw connectionError();
        };
        return manager.executeWithRetry(fn, { operationName }).catch(() => undefined);
      });
      await Promise.all(calls);
    }

    expect(names.map((name, operation) => ({ runs: runs[operation], consecutive: strategy.breakerOf(name).failureCount }))).toEqual(expected);
    const opened = expected.filter(({ consecutive }) => consecutive === 4).length;
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(200);
    expect(names.filter((name) => strategy.stateOf(name) === 'open')).toHaveLength(opened);
  });
});

describe('calls of one operation at the same time', () => {
  it('open its circuit once; failures that come after it change nothing', async () => {
    const { strategy, run } = setUp();
    const opened: string[] = [];
    strategy.breakerOf('download').on('transition', ({ to }) => opened.push(to));
    const attempts = Array.from({ length: 10 }, () => deferred<string>());
    const calls = attempts.map(({ promise }) => run('download', () => promise).catch((error: unknown) => error));

    const error = connectionError();
    for (const { reject } of attempts) reject(error);

    expect(await Promise.all(calls)).toEqual(attempts.map(() => error));
    expect(opened).toEqual(['open']);
    expect(strategy.breakerOf('download').stats).toMatchObject({ failures: 3, late: 7 });
  });

  it('a success that began before the circuit opened does not close it', async () => {
    const { strategy, run, fails } = setUp();
    const slow = deferred<string>();
    const call = run('download', () => slow.promise);
    for (let i = 0; i < 3; i++) await fails('download');
    slow.resolve('late');

    expect(await call).toBe('late');
    expect(strategy.stateOf('download')).toBe('open');
  });

  it('stop retrying when another of them opens the circuit, each with its own error', async () => {
    const clock = new TestClock();
    const strategy = new CircuitBreakerStrategy({ maxAttempts: 10, failureThreshold: 4, jitter: false }, { clock });
    const manager = new ErrorRecoveryManager({ retryStrategy: strategy });
    const errors = [connectionError(), connectionError(), connectionError()];
    const fns = errors.map((error) => failingWith(error));

    const results = await Promise.all(
      fns.map((fn) => manager.executeWithRetry(fn, { operationName: 'download' }).catch((error: unknown) => error)),
    );

    results.forEach((result, index) => expect(result).toBe(errors[index]));
    expect(fns.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBe(4);
  });
});

describe('operations that share one adaptive strategy', () => {
  it('learn each from their own attempts', async () => {
    const clock = new TestClock();
    const retryStrategy = new AdaptiveStrategy({ maxAttempts: 5, baseDelay: 100, jitter: false }, { clock });
    const manager = new ErrorRecoveryManager({ retryStrategy });
    for (let i = 0; i < 10; i++) await manager.executeWithRetry(works, { operationName: 'title' });
    const broken = failingWith(connectionError());

    await manager.executeWithRetry(broken, { operationName: 'download' }).catch(() => undefined);
    expect(broken).toHaveBeenCalledTimes(3); // given up: nothing of it ever worked
    expect(clock.waits).toEqual([200, 400]);

    const flaky = jest.fn(works).mockRejectedValueOnce(connectionError());
    await manager.executeWithRetry(flaky, { operationName: 'title' });
    expect(clock.waits).toEqual([200, 400, 50]);
  });
});
