import { BreakerRegistry, currentCall, withBreaker, withRetry } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';

// From its second call on, a breaker that is closed and alone in its pipeline is asked by the wrapper itself.
describe('a call that the wrapper itself can admit', () => {
  it('inherits the signal of the call around it, the second as the first', async () => {
    const registry = new BreakerRegistry();
    const { signal } = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const inner = withBreaker(async () => void seen.push(currentCall()!.signal), { name: 'inner', registry });
    const outer = withRetry(async () => inner(), { name: 'outer', signal, registry });

    await inner();
    await outer();
    await outer();

    expect(seen).toEqual([undefined, expect.any(AbortSignal), expect.any(AbortSignal)]);
  });

  it('is ignored when the call around it was aborted, the second as the first', async () => {
    const registry = new BreakerRegistry();
    const controller = new AbortController();
    const reason = new Error('left');
    const inner = withBreaker(
      async (leaves: boolean) => {
        if (!leaves) return;
        controller.abort(reason);
        throw new Error('interrupted');
      },
      { name: 'inner', failureThreshold: 1, registry },
    );
    const outer = withRetry(async (leaves: boolean) => inner(leaves), { name: 'outer', signal: controller.signal, registry });

    await outer(false);
    expect(await rejectionOf(outer(true))).toBe(reason);

    expect(inner.breaker).toMatchObject({ state: 'closed', stats: { successes: 1, ignored: 1, failures: 0 } });
  });
});
