import { BreakerRegistry, CircuitBreaker, ConfigurationError, withBreaker, type Breaker } from '../../lib';
import * as operate from '../../lib/operate';
import { memoryStore, shareBreakers } from '../../lib/fleet';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

let warnings: ReturnType<typeof collectWarnings>;

beforeEach(() => {
  warnings = collectWarnings();
});

afterEach(() => {
  warnings.stop();
});

const named = (name: string) => Object.defineProperty(async () => undefined, 'name', { value: name });
const saved = (registry: BreakerRegistry) => operate.snapshot(registry).breakers.map(({ name }) => name);

/** Protects functions of these names, and holds them. */
function protect(registry: BreakerRegistry, ...names: string[]): unknown[] {
  return names.map((name) => withBreaker(named(name), { registry }));
}

/** A class as a minifier leaves it. */
function serviceIn(registry: BreakerRegistry, name: string, statics: object = {}) {
  class Service {
    @CircuitBreaker({ registry })
    async pay(): Promise<void> {}
  }
  Object.defineProperty(Service, 'name', { value: name });
  return Object.assign(Service, statics);
}

describe('rule 56: derived names', () => {
  it('outlive the build, but for numbered and anonymous ones', async () => {
    const registry = new BreakerRegistry();
    const held = [...protect(registry, 'load', 'load', '', 'anonymous', 'get'), withBreaker(named('x'), { registry, name: 'said' })];
    const Service = serviceIn(registry, 'Payments');
    await new Service().pay();
    expect(saved(registry)).toEqual(['load', 'get', 'said', 'Payments.pay']);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNNAMED', 'BREAKER_BOX_UNNAMED', 'BREAKER_BOX_UNNAMED']);
    expect(held).toHaveLength(6);
  });

  it.each<[string, (registry: BreakerRegistry) => unknown]>([
    ['a function', (registry) => protect(registry, 'e')],
    ['a function, of two characters', (registry) => protect(registry, '$t')],
    ['a class', (registry) => new (serviceIn(registry, 'n'))().pay()],
  ])('are all left out where one is short, with one warning of what to do: %s', async (_what, shorten) => {
    const registry = new BreakerRegistry();
    const held = [protect(registry, 'load', 'save'), withBreaker(named('x'), { registry, name: 'said' }), await shorten(registry)];
    expect([saved(registry), saved(registry)]).toEqual([['said'], ['said']]);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNNAMED']);
    expect(warnings.messages()[0]).toMatch(/`name:`.*`static operationName`.*`keepNames`.*`trustDerivedNames: true`/);
    expect(held).toHaveLength(3);
  });

  it('are not restored either, when they are known or come later', () => {
    const before = new BreakerRegistry();
    const [pay] = protect(before, 'pay') as [{ breaker: Breaker }];
    pay.breaker.trip();
    const snapshot = operate.snapshot(before);

    for (const isFirst of [true, false]) {
      const after = new BreakerRegistry();
      const held = isFirst ? [] : protect(after, 'e', 'pay');
      operate.restore(after, snapshot);
      if (isFirst) held.push(...protect(after, 'e', 'pay'));
      expect(after.get('pay')!.state).toBe('closed');
    }
  });

  it.each([[true, ['e', 'load']], [false, []]])('are taken or not as `trustDerivedNames: %s` says, without a warning', (trustDerivedNames, taken) => {
    const told = new BreakerRegistry({ trustDerivedNames });
    const later = new BreakerRegistry();
    later.trustDerivedNames = trustDerivedNames;
    for (const registry of [told, later]) {
      const held = protect(registry, 'e', 'load');
      expect([registry.trustDerivedNames, saved(registry), held.length]).toEqual([trustDerivedNames, taken, 2]);
    }
    expect(warnings.codes()).toEqual([]);
  });

  it('refuses another answer', () => {
    expect(() => new BreakerRegistry({ trustDerivedNames: 'yes' as never })).toThrow(ConfigurationError);
    expect(() => { new BreakerRegistry().trustDerivedNames = 1 as never; }).toThrow(/trustDerivedNames: must be true or false; received 1/);
  });

  it('are shared as they are saved; what was shared before the first short one came, no more', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const held = [protect(registry, 'load'), withBreaker(named('x'), { registry, name: 'said' })];
    const sharing = shareBreakers(registry, memoryStore({ clock }));
    expect(sharing.stats.breakers).toBe(2);

    held.push(protect(registry, 'e', 'save'));

    expect(sharing.stats.breakers).toBe(1);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNNAMED']);
    expect(warnings.messages()[0]).toMatch(/'\w+' is not shared, for 'e' is a name as minifiers write them/);
    sharing.stop();
    expect(held).toHaveLength(3);
  });

  it('that a class says itself are no minifier’s', async () => {
    const registry = new BreakerRegistry();
    const Service = serviceIn(registry, 'e', { operationName: 'Payments' });
    await new Service().pay();
    expect([saved(registry), warnings.codes()]).toEqual([['Payments.pay'], []]);
  });
});
