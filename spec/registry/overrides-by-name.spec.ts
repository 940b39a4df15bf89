import { BreakerRegistry, withBreaker, withRetry, type BreakerOptions } from '../../lib';
import { clearOverride, disable, forceOpen, type OverrideOptions, shadow } from '../../lib/operate';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
});

const operation = (name: string, options: BreakerOptions = {}) =>
  withBreaker(scripted(fails()), { name, failureThreshold: 1, registry, ...options });

const keyed = (name: string) =>
  withBreaker(async (_host: string) => undefined, { name, key: (host: string) => host, registry });

const OVERRIDES: [string, (name: string, options?: OverrideOptions) => void][] = [
  ['forced_open', (name, options) => { forceOpen(registry, name, options); }],
  ['disabled', (name, options) => { disable(registry, name, options); }],
  ['shadow', (name, options) => { shadow(registry, name, options); }],
];

describe('an operator’s hand on an operation', () => {
  it('trips its breaker, or all of its keys’, and no other', async () => {
    const [one, other] = [operation('one'), operation('other')];
    const hosts = keyed('hosts');
    await hosts('a');
    await hosts('b');
    const transitions: unknown[] = [];
    registry.on('transition', ({ operation, to, reason }) => transitions.push([operation, to, reason]));

    registry.trip('one', 'maintenance');
    registry.trip('hosts');
    registry.trip('nobody');

    expect([one.breaker!.state, other.breaker!.state]).toEqual(['open', 'closed']);
    expect([...hosts.breakers.values()].map(({ state }) => state)).toEqual(['open', 'open']);
    expect(transitions).toEqual([['one', 'open', 'maintenance'], ['hosts', 'open', 'trip'], ['hosts', 'open', 'trip']]);
  });

  it.each(OVERRIDES)('lays %s over it, whether it is there or comes later', (kind, lay) => {
    const now = operation('now');
    lay('now');
    lay('later');
    expect([now.breaker!.override, operation('later').breaker!.override, operation('other').breaker!.override]).toEqual([kind, kind, undefined]);
  });

  it.each(OVERRIDES)('lays %s for a time that goes on while the operation is not there', async (kind, lay) => {
    lay('soon', { for: 100 });
    lay('late', { for: 100 });
    await clock.advance(60);
    const soon = operation('soon');
    expect(soon.breaker!.override).toBe(kind);
    await clock.advance(40);
    const told = jest.fn();
    registry.on('override', told);
    const late = operation('late');
    expect(told).not.toHaveBeenCalled();
    expect([soon.breaker!.override, late.breaker!.override]).toEqual([undefined, undefined]);
  });

  it('measures what is left of that time by the clock of the operation that comes', async () => {
    const own = new TimerClock();
    await own.advance(5000);
    forceOpen(registry, 'own.time', { for: 100 });
    await clock.advance(60);
    const wrapped = operation('own.time', { clock: own });
    await own.advance(39);
    expect(wrapped.breaker!.override).toBe('forced_open');
    await own.advance(1);
    expect(wrapped.breaker!.override).toBeUndefined();
  });

  it.each(OVERRIDES)('needs a breaker: an operation that only retries refuses %s, and says to add one', async (_kind, lay) => {
    const retried = withRetry(scripted(works()), { name: 'retried', registry });
    for (const act of [() => lay('retried'), () => registry.trip('retried'), () => forceOpen(retried.breaker!), () => retried.breaker!.trip()]) {
      expect(act).toThrow(/of retried: .*only counts: no policy gives it a breaker; add one, such as withBreaker/);
    }
    expect(retried.breaker!.override).toBeUndefined();
    await expect(retried()).resolves.toBe('value');
  });

  it('waits for the breaker of an operation that registers as one that only retries', async () => {
    forceOpen(registry, 'retried', { for: 100 });
    const retried = withRetry(scripted(works()), { name: 'retried', registry });
    await expect(retried()).resolves.toBe('value');
    operation('retried');
    expect(await rejectionOf(retried())).toMatchObject({ code: 'BREAKER_OPEN' });
    await clock.advance(100);
    await expect(retried()).resolves.toBe('value');
  });

  it('reaches keys that come while it lasts, and none that come when it is over', async () => {
    const hosts = keyed('hosts');
    shadow(registry, 'hosts', { for: 100 });
    const overrides: unknown[] = [];
    registry.on('override', ({ key, override }) => overrides.push([key, override]));
    await hosts('a');
    await clock.advance(100);
    await hosts('b');
    expect(overrides).toEqual([['a', 'shadow']]);
    expect([...hosts.breakers.values()].map(({ override }) => override)).toEqual([undefined, undefined]);
  });

  it('is lifted by name, for operations that are there and for those that come', () => {
    const [one, other] = [operation('one'), operation('other')];
    for (const name of ['one', 'other', 'later', 'other.later']) disable(registry, name);
    clearOverride(registry, 'one');
    clearOverride(registry, 'later');
    expect([one, other, operation('later'), operation('other.later')].map(({ breaker }) => breaker!.override)).toEqual([
      undefined, 'disabled', undefined, 'disabled',
    ]);
  });

  it('is lifted everywhere without a name', () => {
    const one = operation('one');
    for (const name of ['one', 'later']) disable(registry, name);
    clearOverride(registry);
    expect([one, operation('later')].map(({ breaker }) => breaker!.override)).toEqual([undefined, undefined]);
  });
});
