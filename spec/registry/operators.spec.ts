import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { breakerOf, BreakerRegistry, withBreaker, withRetry } from '../../lib';
import { clearOverride, configure, disable, forceOpen, shadow } from '../../lib/operate';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';
import { memoryStore, shareBreakers } from '../../lib/fleet';
import { collectWarnings } from './support/warnings';

const messageOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what an operator asks of all processes', () => {
  const SHARE = 'fleet: goes with an operation that processes share: register it, and call shareBreakers(registry, store) first; received true';
  it.each<[string, (registry: BreakerRegistry) => unknown, string]>([
    ['of an operation that is not shared', (registry) => forceOpen(registry, 'op', { fleet: true }), `forced_open of op: ${SHARE}`],
    ['of one that is not there', (registry) => disable(registry, 'other', { fleet: true }), `disabled of other: ${SHARE}`],
    ['to clear', (registry) => clearOverride(registry, 'op', { fleet: true }), `clear of op: ${SHARE}`],
    ['to clear, of none', (registry) => clearOverride(registry, undefined as never, { fleet: true }), 'clearOverride: name: must be the name of an operation; received undefined'],
    ['with a word for it', (registry) => clearOverride(registry, 'op', { fleet: 'yes' } as never), "clearOverride of op: fleet: must be true or false; received 'yes'"],
  ])('is refused: %s', (_what, act, message) => {
    const registry = new BreakerRegistry();
    breakerOf('op', undefined, registry);
    expect(messageOf(() => act(registry))).toBe(message);
    expect(registry.get('op')!.override).toBeUndefined();
  });
});

describe('the channels of the process', () => {
  it('are told what their names say, of any registry', async () => {
    const told: unknown[] = [];
    const names = ['transition', 'reject', 'retry', 'probe', 'late'];
    const listeners = names.map((name) => [`breaker-box:${name}`, (event: unknown) => told.push([name, (event as { operation: string }).operation])] as const);
    for (const [name, listener] of listeners) subscribe(name, listener);
    try {
      const clock = new ManualClock();
      const registry = new BreakerRegistry({ clock });
      const load = withBreaker(async () => 'it', { registry, name: 'load', recoveryTimeout: 10 });
      load.breaker!.trip();
      await rejectionOf(load());
      clock.advance(10);
      await load();
      const permit = load.breaker!.acquire();
      load.breaker!.reset();
      permit.success();
      let runs = 0;
      await withRetry(async () => { if (++runs === 1) throw new Error('down'); }, { registry: new BreakerRegistry(), name: 'send', baseDelay: 0 })();
    } finally {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    }
    expect(told).toEqual([
      ['transition', 'load'], ['reject', 'load'], ['transition', 'load'], ['probe', 'load'], ['transition', 'load'], ['late', 'load'], ['retry', 'send'],
    ]);
  });
});

describe('rule 57: an operator’s call on a name', () => {
  let warnings: ReturnType<typeof collectWarnings>;
  let registry: BreakerRegistry;

  beforeEach(() => {
    jest.useFakeTimers();
    warnings = collectWarnings();
    registry = new BreakerRegistry({ clock: new ManualClock() });
    withBreaker(async () => 'it', { registry, name: 'payments.charge' });
  });

  afterEach(() => {
    warnings.stop();
    jest.useRealTimers();
  });

  const CALLS: readonly [string, (name: string) => unknown][] = [
    ['trip', (name) => registry.trip(name)],
    ['reset', (name) => registry.reset(name)],
    ['forceOpen', (name) => forceOpen(registry, name)],
    ['disable', (name) => disable(registry, name, { for: '1s' })],
    ['shadow', (name) => shadow(registry, name)],
    ['clearOverride', (name) => clearOverride(registry, name)],
  ];

  it.each(CALLS)('%s tells how many breakers it reached, and warns of a name that no operation has, with the closest one', (method, call) => {
    expect([call('payments.charge'), call('payment.charge')]).toEqual([1, 0]);
    call('payment.charge');
    jest.advanceTimersByTime(9999);
    expect(warnings.codes()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(warnings.messages()).toEqual([
      `${method}('payment.charge') reached no breaker: no operation has this name, nor did one register within ten seconds; did you mean 'payments.charge'?`,
    ]);
    call('payment.charge');
    jest.advanceTimersByTime(60_000);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNKNOWN_NAME']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each(CALLS)('%s is silent about a name that registers in time, though it has gone by then', (_method, call) => {
    call('late');
    jest.advanceTimersByTime(5000);
    breakerOf('late', undefined, registry);
    registry.delete('late');
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(warnings.codes()).toEqual([]);
  });

  it('counts breakers of keys and instances; of all operations, too, which is nobody’s mistake when there are none', async () => {
    const ask = withBreaker(async (_host: string) => 'it', { registry, name: 'hosts', key: (host) => host });
    expect([registry.trip('hosts'), forceOpen(registry, 'hosts')]).toEqual([0, 0]);
    clearOverride(registry, 'hosts');
    await ask('a');
    await ask('b');
    expect([registry.trip('hosts'), forceOpen(registry, 'hosts'), clearOverride(registry, 'hosts'), registry.reset('hosts')]).toEqual([2, 2, 2, 2]);
    expect([registry.reset(), clearOverride(registry)]).toEqual([3, 3]);

    const empty = new BreakerRegistry();
    expect([empty.reset(), clearOverride(empty), configure(empty, 'nobody', { failureThreshold: 1 })]).toEqual([0, 0, undefined]);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(warnings.codes()).toEqual([]);
  });

  it('waits for a thousand names at most, and tells of a thousand: more are no mistyping', () => {
    for (let n = 0; n < 3000; n++) registry.trip(`a ${n}`);
    expect(jest.getTimerCount()).toBe(1000);
    jest.advanceTimersByTime(10_000);
    for (let n = 0; n < 3000; n++) registry.trip(`b ${n}`);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(10_000);
    expect(warnings.codes()).toHaveLength(1000);
  });

  it('says that no name is like it, where none is', () => {
    registry.trip('x');
    jest.advanceTimersByTime(10_000);
    expect(warnings.messages()[0]).toMatch(/and none has a name like it$/);
  });

  it('takes back what it has laid for a name that is to come, without a word', () => {
    forceOpen(registry, 'to come');
    breakerOf('to come', undefined, registry);
    forceOpen(registry, 'other');
    expect(clearOverride(registry, 'other')).toBe(0);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('does not keep the process alive', () => {
    jest.useRealTimers();
    const armed = jest.spyOn(globalThis, 'setTimeout');
    registry.trip('nobody');
    const timer = armed.mock.results[0]!.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    clearTimeout(timer);
    armed.mockRestore();
  });

  it('with `fleet` it promises how many it reached', async () => {
    jest.useRealTimers();
    const shared = new BreakerRegistry();
    breakerOf('payments.charge', undefined, shared);
    const sharing = shareBreakers(shared, memoryStore());
    await expect(forceOpen(shared, 'payments.charge', { fleet: true })).resolves.toBe(1);
    await expect(clearOverride(shared, 'payments.charge', { fleet: true })).resolves.toBe(1);
    sharing.stop();
  });
});

describe('rule 58: explicit names made at run time', () => {
  it('are told of once, at 1,000 live ones, with the advice to use a key', () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry();
    const make = (from: number, to: number) => {
      for (let n = from; n < to; n++) withBreaker(async () => 'it', { registry, name: `host-${n}` });
    };
    make(0, 999);
    for (let n = 0; n < 10; n++) registry.delete(`host-${n}`);
    make(0, 10);
    expect(warnings.codes()).toEqual([]);
    make(999, 1200);
    for (let n = 1200; n < 1300; n++) breakerOf(`host-${n}`, undefined, registry);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_LEAK']);
    expect(warnings.messages()[0]).toMatch(/^1000 operations have explicit names, 'host-999' the last .* `key` of one operation/);
    warnings.stop();
  });
});
