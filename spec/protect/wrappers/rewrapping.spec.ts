import { BreakerRegistry, CircuitOpenError, OperationConflictError, registry as defaultRegistry, withBreaker, withRetry } from '../../../lib';
import { forceOpen } from '../../../lib/operate';

const failing = async (): Promise<string> => {
  throw new Error('down');
};

describe('wrapping one of our wrappers', () => {
  let registry: BreakerRegistry;
  beforeEach(() => {
    registry = new BreakerRegistry();
  });

  it('changes nothing when it is refused for its name', async () => {
    withBreaker(async () => 'other', { name: 'taken', failureThreshold: 3, registry });
    const inner = withBreaker(async function fetchUser() { return 'user'; }, { failureThreshold: 2, registry });
    await inner();

    expect(() => withRetry(inner, { name: 'taken' })).toThrow(OperationConflictError);

    await expect(inner()).resolves.toBe('user');
    expect(inner.operation).toBe('fetchUser');
    expect(inner.breaker?.stats.calls).toBe(2);
    expect(registry.names()).toEqual(['taken', 'fetchUser']);
  });

  it('leaves the operation in its registry, with its breaker, when it names none', () => {
    const inner = withBreaker(async () => 'it', { name: 'rewrapped' });
    const { breaker } = inner;

    const outer = withRetry(inner);

    expect(outer.breaker).toBe(breaker);
    expect(defaultRegistry.get('rewrapped')).toBe(breaker);
    defaultRegistry.delete('rewrapped');
  });

  it('takes the operation along when it gives it a name', async () => {
    const inner = withBreaker(async function fetchUser() { return 'user'; }, { failureThreshold: 2, registry });
    const outer = withRetry(inner, { name: 'users.fetch' });
    await inner();
    await outer();

    expect(registry.names()).toEqual(['users.fetch']);
    expect(outer.breaker?.stats.calls).toBe(2);
  });

  it('twice makes two branches, each of which counts', async () => {
    const base = withRetry(failing, { maxAttempts: 1, registry });
    const first = withRetry(base, { maxAttempts: 1 });
    const second = withRetry(base, { maxAttempts: 1 });
    for (const call of [base, first, second]) await expect(call()).rejects.toThrow('down');

    expect(second.breaker?.stats.failures).toBe(3);
  });

  it('twice makes two branches, each of which the breaker can stop', async () => {
    const base = withRetry(failing, { maxAttempts: 1, registry });
    const broken = withBreaker(base, { failureThreshold: 5 });
    const patient = withRetry(base, { maxAttempts: 1 });
    forceOpen(broken.breaker!);

    for (const call of [base, broken, patient]) await expect(call()).rejects.toBeInstanceOf(CircuitOpenError);
  });
});
