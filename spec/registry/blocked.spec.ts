import { BreakerRegistry, withPolicies, type BreakerOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

const down = new Error('down');

/** An operation that always fails, under a retry that waits 10 s between attempts. */
function setUp(breaker: BreakerOptions) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = jest.fn(async (_key?: string): Promise<void> => {
    throw down;
  });
  const call = withPolicies(fn, { name: 'hosts', registry, retry: { maxAttempts: 3, baseDelay: '10s', jitter: false }, breaker });
  /** @returns How often the function ran, and how long that took. */
  const attemptsOf = async (key: string, self?: object) => {
    const [before, startedAtMs] = [fn.mock.calls.length, clock.now()];
    await rejectionOf(clock.until(call.call(self, key)));
    return [fn.mock.calls.length - before, clock.now() - startedAtMs];
  };
  return { registry, call, attemptsOf };
}

describe('a retry around several breakers', () => {
  it('gives up at once when the circuit of its key has opened, and goes on when that of another key has', async () => {
    const { registry, attemptsOf } = setUp({ key: (key: string) => key, failureThreshold: 2, recoveryTimeout: '1h' });
    expect(await attemptsOf('a')).toEqual([2, 10_000]);
    expect(registry.get('hosts', 'a')!.state).toBe('open');
    expect(await attemptsOf('b')).toEqual([2, 10_000]);
  });

  it('gives up at once when the circuit that keys without room share has opened', async () => {
    const warnings = collectWarnings();
    const { attemptsOf } = setUp({ key: (key: string) => key, maxKeys: 1, failureThreshold: 1, recoveryTimeout: '1h' });
    expect(await attemptsOf('a')).toEqual([1, 0]);
    expect(await attemptsOf('b')).toEqual([1, 0]);
    warnings.stop();
  });

  it.each([
    ['another key', () => 'unknown'],
    ['none, but throws', () => { throw new Error('no key'); }],
  ])('asks nobody where the key function gives %s when it is asked again', async (_what, then) => {
    const keys = [() => 'a', then, () => 'b', then, () => 'c', then];
    const { attemptsOf } = setUp({ key: () => keys.shift()!(), failureThreshold: 1, recoveryTimeout: '1h' });
    expect(await attemptsOf('a')).toEqual([3, 30_000]);
  });

  it('gives up at once when the circuit of its instance has opened, or that of the calls without one', async () => {
    const { attemptsOf } = setUp({ scope: 'instance', failureThreshold: 2, recoveryTimeout: '1h' });
    const self = {};
    expect(await attemptsOf('', self)).toEqual([2, 10_000]);
    expect(await attemptsOf('', {})).toEqual([2, 10_000]);
    expect(await attemptsOf('')).toEqual([2, 10_000]);
  });
});

it('an operation with one breaker has none by key', () => {
  const { registry, call } = setUp({ failureThreshold: 1 });
  expect([registry.keys('hosts'), call.breakers.size, registry.get('hosts', 'a')]).toEqual([[], 0, undefined]);
});
