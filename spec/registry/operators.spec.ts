import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BreakerRegistry, withBreaker, withRetry } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

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
    ['of an operation that is not shared', (registry) => registry.forceOpen('op', { fleet: true }), `forced_open of op: ${SHARE}`],
    ['of one that is not there', (registry) => registry.disable('other', { fleet: true }), `disabled of other: ${SHARE}`],
    ['to clear', (registry) => registry.clearOverride('op', { fleet: true }), `clear of op: ${SHARE}`],
    ['to clear, of none', (registry) => registry.clearOverride(undefined as never, { fleet: true }), `clear of : ${SHARE}`],
    ['with a word for it', (registry) => registry.clearOverride('op', { fleet: 'yes' } as never), "clearOverride of op: fleet: must be true or false; received 'yes'"],
  ])('is refused: %s', (_what, act, message) => {
    const registry = new BreakerRegistry();
    registry.getOrCreate('op');
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
