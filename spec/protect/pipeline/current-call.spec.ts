import { breakerOf, BreakerRegistry, currentCall, type CurrentCall, withBreaker, withBreakerSync, withRetry } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

const look = (): Pick<CurrentCall, 'operation' | 'attempt' | 'signal'> | undefined => {
  const call = currentCall();
  return call && { operation: call.operation, attempt: call.attempt, signal: call.signal };
};

describe('currentCall', () => {
  let clock: TimerClock;
  let registry: BreakerRegistry;

  beforeEach(() => {
    clock = new TimerClock();
    registry = new BreakerRegistry({ clock });
  });

  it('is undefined outside of protected functions', () => {
    expect(currentCall()).toBeUndefined();
  });

  it('tells a protected function its operation and attempt', async () => {
    const seen: unknown[] = [];
    const fetchUser = withRetry(
      async () => {
        seen.push(look());
        throw new Error('down');
      },
      { name: 'users.fetch', baseDelay: 0, registry },
    );
    await rejectionOf(clock.until(fetchUser()));
    expect(seen).toEqual([1, 2, 3].map((attempt) => ({ operation: 'users.fetch', attempt, signal: undefined })));
  });

  it.each(['in one pipeline', 'around a stranger'])('counts attempts by the innermost of several retries, %s', async (where) => {
    const seen: unknown[] = [];
    const down = async (): Promise<never> => {
      seen.push(currentCall()!.attempt);
      throw new Error('down');
    };
    const options = { maxAttempts: 2, baseDelay: 0, registry };
    const inner = withRetry(down, options);
    const outer = withRetry(where === 'in one pipeline' ? inner : async () => inner(), { ...options, name: 'outer' });
    await rejectionOf(clock.until(outer()));
    expect(seen).toEqual([1, 2, 1, 2]);
  });

  it('tells the signal that ends the attempt', async () => {
    const { signal } = new AbortController();
    let seen: CurrentCall | undefined;
    await withRetry(async () => void (seen = currentCall()), { signal, registry })();
    expect(seen!.signal).toBeInstanceOf(AbortSignal);
    expect(seen!.signal!.aborted).toBe(false);
  });

  it('is there until the function’s first await, and restored when it returns or throws', async () => {
    const after: unknown[] = [];
    const wrapped = withBreaker(
      async () => {
        await Promise.resolve();
        after.push(currentCall());
      },
      { name: 'a', registry },
    );
    const throwing = withBreaker((): Promise<void> => { throw new Error('sync'); }, { name: 'b', registry });
    const call = wrapped();
    expect(currentCall()).toBeUndefined();
    const failed = throwing();
    expect(currentCall()).toBeUndefined();
    await call;
    await rejectionOf(failed);
    expect(after).toEqual([undefined]);
  });

  it('nests: the inner function sees its own, and the outer one sees its own again', async () => {
    const seen: unknown[] = [];
    const inner = withBreaker(async () => void seen.push(look()?.operation), { name: 'inner', registry });
    const outer = withBreaker(
      async () => {
        seen.push(look()?.operation);
        const running = inner();
        seen.push(look()?.operation);
        await running;
      },
      { name: 'outer', registry },
    );
    await outer();
    expect(seen).toEqual(['outer', 'inner', 'outer']);
  });

  it('hands the signal of an outer call to the inner one', async () => {
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const inner = withBreaker(async () => void (seen = currentCall()!.signal), { name: 'inner', registry });
    await withRetry(async () => inner(), { name: 'outer', signal: controller.signal, registry })();
    const reason = new Error('left');
    controller.abort(reason);
    expect(seen).toBeDefined();
    expect(inner.breaker!.stats.calls).toBe(1);
  });

  it('is there in synchronous functions, in streams up to the first item, and in breaker.execute', async () => {
    const seen: unknown[] = [];
    withBreakerSync(() => void seen.push(look()?.operation), { name: 'sync', registry })();
    const stream = withBreaker(async function* () { seen.push(look()?.operation); yield 1; }, { name: 'stream', registry })();
    for await (const _item of stream);
    await breakerOf('execute', undefined, registry).execute(() => void seen.push(look()?.operation));
    expect(seen).toEqual(['sync', 'stream', 'execute']);
    expect(currentCall()).toBeUndefined();
  });
});
