import * as first from '../../lib';
import { configure } from '../../lib/operate';
import type { TestKit } from '../../lib/testing';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

type BreakerBox = typeof first;

/** The package once more, as a library brings it, or `jest.resetModules()` makes it. */
function anotherCopy(): BreakerBox {
  let copy: BreakerBox | undefined;
  jest.isolateModules(() => {
    copy = require('../../lib') as BreakerBox;
  });
  return copy!;
}

const second = anotherCopy();
const named = (name: string) => `second-copy.${name}`;

describe('rule 59: a second copy of the package', () => {
  it('has classes of its own, and the same default registry', () => {
    expect(second.Breaker).not.toBe(first.Breaker);
    expect(second.registry).toBe(first.registry);
  });

  it.each<[string, BreakerBox, BreakerBox]>([
    ['the second', first, second],
    ['the first', second, first],
  ])('uses the registry that is ambient by the other: %s', async (_which, one, other) => {
    const registry = new one.BreakerRegistry();
    const load = other.withBreaker(scripted(works()), { name: named('ambient') });
    await load();

    await one.withRegistry(registry, () => load());

    expect(registry.get(named('ambient'))?.stats.calls).toBe(1);
    first.registry.delete(named('ambient'));
  });

  it('is heard by listeners that came after its first calls, and follows what is configured and deleted', async () => {
    const registry = new first.BreakerRegistry();
    const load = second.withBreaker(scripted(fails()), { name: 'load', registry, failureThreshold: 9 });
    await rejectionOf(load());
    await rejectionOf(load());
    const calls: string[] = [];
    registry.on('call', ({ operation }) => calls.push(operation));
    configure(registry, 'load', { failureThreshold: 3 });

    await rejectionOf(load());
    const before = registry.get('load');
    registry.delete('load');
    await rejectionOf(load());

    expect(calls).toEqual(['load', 'load']);
    expect([before?.state, load.breaker?.stats.calls, load.breaker === before]).toEqual(['open', 1, false]);
  });

  it('keeps the breakers of instances apart, also for fields', async () => {
    const registry = new first.BreakerRegistry();
    class Client {
      @second.CircuitBreaker({ scope: 'instance', failureThreshold: 1, registry })
      load = async (): Promise<string> => {
        throw new Error('down');
      };
    }
    const [one, other] = [new Client(), new Client()];
    await rejectionOf(one.load());

    expect(await rejectionOf(one.load())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await rejectionOf(other.load())).toEqual(new Error('down'));
  });

  it('takes policies, budgets and errors of the other', async () => {
    const registry = new first.BreakerRegistry();
    const budget = new first.RetryBudget({ ratio: 0.1, minPerSecond: 0 });
    const open = new first.CircuitOpenError({ operation: 'inner', key: undefined, state: 'open', retryAfter: 1, openedAt: 1, cause: undefined });
    const load = second.withPolicies(
      async (): Promise<string> => {
        throw open;
      },
      [second.fallback({ use: () => 'instead', handle: second.CircuitOpenError }), first.retry({ budget, maxAttempts: 2, baseDelay: 0, handle: () => true, registry })],
    );

    expect(await load()).toBe('instead');
    expect(() => second.withRetry(async () => 'it', { budget, name: named('budget') })).not.toThrow();
    expect(() => second.withPolicies(load, [first.retry({ maxAttempts: 0, baseDelay: -1 } as never), second.timeout('x' as never)])).toThrow(
      /maxAttempts: .*\n.*baseDelay: .*\n.*must be a duration/,
    );
  });
});

describe('rule 59: the test kit of a second copy', () => {
  let kit: TestKit;

  beforeAll(() => {
    first.withBreaker(scripted(works()), { name: named('there before') });
    jest.isolateModules(() => {
      kit = (require('../../lib/testing') as typeof import('../../lib/testing')).testKit();
    });
  });

  it('opens and closes breakers of the first, by name, function and breaker', () => {
    const load = first.withBreaker(scripted(works()), { name: named('opened') });
    kit.open(named('opened'));
    expect(load.breaker?.state).toBe('open');
    kit.halfOpen(load);
    expect(load.breaker?.state).toBe('half_open');
    kit.close(load.breaker!);
    expect(load.breaker?.state).toBe('closed');
  });

  it('puts faults into functions that the first protects, owns their time, and passes over their waits', async () => {
    const load = first.withPolicies(scripted(works()), {
      name: named('faulty'), retry: { maxAttempts: 3, baseDelay: '10s', jitter: false }, breaker: { failureThreshold: 6, recoveryTimeout: '60s' }, timeout: '5s',
    });
    await kit.run(async () => {
      kit.instantRetries();
      kit.fault(named('faulty'));
      await rejectionOf(load());
      await rejectionOf(load());
      expect(load.breaker?.state).toBe('open');
      expect(kit.sleeps(load)).toEqual([10_000, 20_000, 10_000, 20_000]);

      await kit.advance('60s');
      kit.clearFault();
      await load();

      expect(load.breaker?.state).toBe('closed');
      kit.assertIdle();
    });
  });

  it('shares what it knows with the kit of the first, loaded later', async () => {
    const { testKit } = require('../../lib/testing') as typeof import('../../lib/testing');
    const other = testKit();
    const load = first.withBreaker(scripted(works()), { name: named('both') });
    kit.fault(named('both'));
    await rejectionOf(load());
    other.clearFault();
    await load();
    expect(load.breaker?.stats).toMatchObject({ failures: 1, successes: 1 });
  });
});

describe('rule 59: sharing, by a second copy', () => {
  it('opens, probes and closes the breakers of the first as the fleet does', async () => {
    const clock = new TimerClock();
    const { shareBreakers, memoryStore } = sharingOfAnotherCopy();
    const store = memoryStore({ clock });
    const start = (process: string) => {
      const registry = new first.BreakerRegistry({ clock });
      const sharing = shareBreakers(registry, store, { process, quorum: { min: 1, ratio: 0 } });
      return { sharing, registry, load: (fn: () => Promise<unknown>) => first.withBreaker(fn, { name: 'load', registry, failureThreshold: 1, recoveryTimeout: '60s' }) };
    };
    const [one, other] = [start('one'), start('other')];
    const [failing, working] = [one.load(scripted(fails())), other.load(scripted(works()))];
    await clock.advance(0);
    await rejectionOf(failing());
    await clock.advance(5000);
    expect(await rejectionOf(working())).toMatchObject({ code: 'BREAKER_OPEN', retryAfter: expect.closeTo(55_000, -3) });

    await clock.advance(60_000);
    expect(working.breaker!.state).toBe('half_open');
    await clock.until(working());
    await clock.advance(5000);

    expect([failing.breaker!.state, working.breaker!.state]).toEqual(['closed', 'closed']);
    one.sharing.stop();
    other.sharing.stop();
  });
});

function sharingOfAnotherCopy(): typeof import('../../lib/fleet') {
  let copy: typeof import('../../lib/fleet') | undefined;
  jest.isolateModules(() => {
    copy = require('../../lib/fleet') as typeof import('../../lib/fleet');
  });
  return copy!;
}
