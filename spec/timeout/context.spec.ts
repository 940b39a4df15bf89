import { AsyncLocalStorage } from 'node:async_hooks';
import { BreakerRegistry, currentCall, withPolicies, withRegistry } from '../../lib';

const never = (): Promise<never> =>
  new Promise(() => {
    // It hangs.
  });

// One timer of the platform ends the runs of many callers.
describe('what follows a timeout runs in the asynchronous context of its own caller', () => {
  const users = new AsyncLocalStorage<string>();

  it('the next attempt, and what is told of it', async () => {
    const log: string[] = [];
    const runs = new Map<string, number>();
    const call = withPolicies(
      async (user: string) => {
        const run = (runs.get(user) ?? 0) + 1;
        runs.set(user, run);
        log.push(`${user}: ${users.getStore()}`);
        if (run === 1) await never();
      },
      {
        registry: new BreakerRegistry(),
        retry: { maxAttempts: 2, baseDelay: 1, jitter: false, onRetry: () => log.push(`told ${users.getStore()}`) },
        timeout: 30,
      },
    );
    await Promise.all([users.run('alice', () => call('alice')), users.run('bob', () => call('bob'))]);
    expect(log.sort()).toEqual(['alice: alice', 'alice: alice', 'bob: bob', 'bob: bob', 'told alice', 'told bob']);
  });

  it('a fallback', async () => {
    const call = withPolicies(async (_user: string): Promise<string> => never(), {
      registry: new BreakerRegistry(),
      timeout: 30,
      fallback: (_error, user) => `${user}: ${users.getStore()}`,
    });
    const answers = [users.run('alice', () => call('alice')), users.run('bob', () => call('bob'))];
    expect(await Promise.all(answers)).toEqual(['alice: alice', 'bob: bob']);
  });

  it('and in its registry', async () => {
    const inner = withPolicies(async () => 'answer', { name: 'inner', breaker: {} });
    let runs = 0;
    const outer = withPolicies(
      async () => {
        if (++runs <= 2) await never();
        return inner();
      },
      { name: 'outer', retry: { maxAttempts: 2, baseDelay: 1 }, timeout: 30 },
    );
    const registries = [new BreakerRegistry(), new BreakerRegistry()];
    await Promise.all(registries.map((registry) => withRegistry(registry, () => outer())));
    expect(registries.map((registry) => registry.get('inner')?.stats.calls)).toEqual([1, 1]);
  });

  describe.each(['abandon', 'cooperative'] as const)('rule 37: an abort listener (%s)', (mode) => {
    /** Hangs until its signal aborts. @returns Whose context each user's listener ran in. */
    function listening(duration: number) {
      const seen: Record<string, string | undefined> = {};
      const call = withPolicies(
        (user: string) =>
          new Promise<void>((_resolve, reject) => {
            const { signal } = currentCall()!;
            signal!.addEventListener('abort', () => {
              seen[user] = users.getStore();
              reject(signal!.reason as Error);
            });
          }),
        { registry: new BreakerRegistry(), timeout: { duration, mode } },
      );
      return { seen, as: (user: string) => users.run(user, () => call(user).catch(() => undefined)) };
    }

    it('of calls that are timed out together', async () => {
      const { seen, as } = listening(30);
      await Promise.all(['alice', 'bob', 'carol'].map(as));
      expect(seen).toEqual({ alice: 'alice', bob: 'bob', carol: 'carol' });
    });

    it('of a call that waits by the timer of another operation', async () => {
      const [first, second] = [listening(31), listening(31)];
      const alice = first.as('alice');
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      await Promise.all([alice, second.as('bob')]);
      expect(second.seen).toEqual({ bob: 'bob' });
    });
  });
});
