import { BreakerRegistry, CircuitOpenError, ConfigurationError, withBreakerSync } from '../../../lib';
import { TimerClock } from '../../support/timer-clock';

describe('withBreakerSync', () => {
  it('gives what the function gives, and throws what it throws', () => {
    const half = withBreakerSync((n: number) => {
      if (n % 2 !== 0) throw new RangeError('odd');
      return n / 2;
    }, { registry: new BreakerRegistry() });
    expect(half(4)).toBe(2);
    expect(() => half(3)).toThrow(RangeError);
    expect(half.breaker!.stats).toMatchObject({ successes: 1, failures: 1 });
  });

  it('throws CircuitOpenError, without running the function, while the circuit is open, and probes after', async () => {
    const clock = new TimerClock();
    const fn = jest.fn((works: boolean) => {
      if (!works) throw new Error('down');
    });
    const wrapped = withBreakerSync(fn, { failureThreshold: 2, recoveryTimeout: 100, registry: new BreakerRegistry({ clock }) });
    expect(() => wrapped(false)).toThrow('down');
    expect(() => wrapped(false)).toThrow('down');
    expect(() => wrapped(true)).toThrow(CircuitOpenError);
    expect(fn).toHaveBeenCalledTimes(2);
    await clock.advance(100);
    wrapped(true);
    expect(wrapped.breaker!.state).toBe('closed');
  });

  it('has a name, and a breaker for each key or instance, as the asynchronous one', () => {
    const registry = new BreakerRegistry();
    const keyed = withBreakerSync(function parse(_kind: string) {}, { key: (kind) => kind, registry });
    keyed('a');
    keyed('b');
    expect([keyed.operation, [...keyed.breakers.keys()]]).toEqual(['parse', ['a', 'b']]);
    const scoped = withBreakerSync(function read(this: unknown) {}, { scope: 'instance', registry });
    scoped.call({});
    scoped.call({});
    expect([...registry].filter(([name]) => name === 'read')).toHaveLength(2);
  });

  it('throws ConfigurationError for a key that is no string, and for wrong options', () => {
    const registry = new BreakerRegistry();
    expect(() => withBreakerSync(() => 1, { key: () => 7 as never, registry })()).toThrow(ConfigurationError);
    function parse(): void {}
    expect(() => withBreakerSync(parse, { failureThreshold: 0, registry })).toThrow(/^withBreakerSync\(parse\): failureThreshold/);
    expect(() => withBreakerSync(3 as never)).toThrow(/^withBreakerSync: /);
  });
});
