import { CircuitOpenError } from '../../lib';
import { CircuitBreakerStrategy, ErrorRecoveryManager } from '../../lib/recovery';
import { connectionError, failingWith, mockedHandler, mockedReporter } from './support/doubles';

// The test of the original guide. There, a success of another operation reset the count, and everything else had to be
// mocked for the circuit to be seen open.
describe('an operation that always fails with a connection error', () => {
  const setUp = () => {
    const strategy = new CircuitBreakerStrategy({ maxAttempts: 10, failureThreshold: 3, baseDelay: 10 });
    const errorReporter = mockedReporter();
    const serviceHandler = mockedHandler();
    const manager = new ErrorRecoveryManager({ retryStrategy: strategy, errorReporter, serviceHandler });
    const error = connectionError();
    return { strategy, manager, errorReporter, error, operation: failingWith(error) };
  };

  it('opens its circuit after three attempts, and the call rejects with the error itself', async () => {
    const { strategy, manager, error, operation } = setUp();

    await expect(manager.executeWithRetry(operation, { operationName: 'download' })).rejects.toBe(error);

    expect(strategy.state).toBe('open');
    expect(strategy.failureCount).toBeGreaterThanOrEqual(3);
    expect(operation).toHaveBeenCalledTimes(3);
  });

  it('is not run by the next call', async () => {
    const { manager, operation } = setUp();
    await manager.executeWithRetry(operation, { operationName: 'download' }).catch(() => undefined);

    await expect(manager.executeWithRetry(operation, { operationName: 'download' })).rejects.toBeInstanceOf(CircuitOpenError);

    expect(operation).toHaveBeenCalledTimes(3);
  });

  it('is not saved by another operation that always works, run by the same manager in between', async () => {
    const { strategy, manager, error } = setUp();
    const storagePath = jest.fn(async () => '/videos');
    const callStoragePath = () => manager.executeWithRetry(storagePath, { operationName: 'storagePath' });
    const operation = jest.fn(async () => {
      await callStoragePath();
      throw error;
    });

    await expect(manager.executeWithRetry(operation, { operationName: 'download' })).rejects.toBe(error);
    await callStoragePath();

    expect(strategy.state).toBe('open');
    expect(strategy.failureCount).toBeGreaterThanOrEqual(3);
    expect(operation).toHaveBeenCalledTimes(3);
    await expect(manager.executeWithRetry(operation, { operationName: 'download' })).rejects.toBeInstanceOf(CircuitOpenError);
    expect(operation).toHaveBeenCalledTimes(3);
    expect(storagePath).toHaveBeenCalledTimes(4);
  });
});
