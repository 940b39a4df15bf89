import { BreakerRegistry, ConfigurationError, withBreaker, type BreakerOptions } from '../../lib';
import { type RegistrySnapshot } from '../../lib/operate';
import * as operate from '../../lib/operate';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

const box = (clock = new TimerClock()) => ({ clock, registry: new BreakerRegistry({ clock }) });

const operation = (registry: BreakerRegistry, name: string, options: BreakerOptions = {}) =>
  withBreaker(scripted(fails()), { name, failureThreshold: 1, recoveryTimeout: 1000, registry, ...options });

/** What another process reads. */
const overTheWire = (snapshot: RegistrySnapshot) => JSON.parse(JSON.stringify(snapshot)) as RegistrySnapshot;

describe('the snapshot of a registry', () => {
  it('restores every breaker of the names it knows', async () => {
    const before = box();
    const [bad] = [operation(before.registry, 'bad'), operation(before.registry, 'good')];
    await rejectionOf(bad());

    const after = box();
    const [badAgain, goodAgain] = [operation(after.registry, 'bad'), operation(after.registry, 'good')];
    operate.restore(after.registry, overTheWire(operate.snapshot(before.registry)));

    expect([badAgain.breaker!.state, goodAgain.breaker!.state]).toEqual(['open', 'closed']);
    expect(badAgain.breaker!.stats).toMatchObject({ failures: 1, opens: 1 });
  });

  it('keeps the remaining open time, by the wall clock between the two', async () => {
    const before = box();
    await rejectionOf(operation(before.registry, 'bad')());
    await before.clock.advance(300);
    const snapshot = overTheWire(operate.snapshot(before.registry));

    const later = box(new TimerClock(1_700_000_000_000 + 300 + 200));
    const again = operation(later.registry, 'bad');
    operate.restore(later.registry, snapshot);
    expect(again.breaker!.retryAfter).toBe(500);

    const muchLater = box(new TimerClock(1_800_000_000_000));
    const recovered = operation(muchLater.registry, 'bad');
    operate.restore(muchLater.registry, snapshot);
    expect([recovered.breaker!.state, recovered.breaker!.retryAfter]).toEqual(['half_open', 0]);
  });

  it('keeps what it says of unknown names until they register', async () => {
    const before = box();
    await rejectionOf(operation(before.registry, 'bad')());
    const after = box();
    operate.restore(after.registry, overTheWire(operate.snapshot(before.registry)));
    expect(after.registry.has('bad')).toBe(false);

    const bad = operation(after.registry, 'bad');

    expect(bad.breaker!.state).toBe('open');
    after.registry.delete('bad');
    expect(operation(after.registry, 'bad').breaker!.state).toBe('closed');
  });

  it('includes the breakers of keys, which come back under their keys', async () => {
    const keyed = (registry: BreakerRegistry) => {
      const call = scripted(fails());
      return withBreaker(async (host: string) => call(host), { name: 'hosts', key: (host) => host, failureThreshold: 1, registry });
    };
    const before = box();
    await rejectionOf(keyed(before.registry)('__proto__'));
    const snapshot = overTheWire(operate.snapshot(before.registry));

    const known = box();
    const call = keyed(known.registry);
    operate.restore(known.registry, snapshot);
    expect([...call.breakers].map(([key, { state }]) => [key, state])).toEqual([['__proto__', 'open']]);

    const unknown = box();
    operate.restore(unknown.registry, snapshot);
    expect(await rejectionOf(keyed(unknown.registry)('__proto__'))).toMatchObject({ code: 'BREAKER_OPEN', key: '__proto__' });
  });

  it('leaves out numbered names, with one warning that asks for a name', () => {
    const warnings = collectWarnings();
    const { registry } = box();
    const fetchUser = async () => undefined;
    const held = [withBreaker(fetchUser, { registry }), withBreaker(fetchUser, { registry })];

    operate.snapshot(registry);
    const { breakers } = operate.snapshot(registry);

    expect(breakers.map(({ name }) => name)).toEqual(['fetchUser']);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNNAMED']);
    expect(warnings.messages()[0]).toMatch(/'fetchUser#2'.*name/);
    expect(held).toHaveLength(2);
    warnings.stop();
  });

  it('tells a number by its place: at the end, of any length', () => {
    const warnings = collectWarnings();
    const { registry } = box();
    const wrap = (name: string) => withBreaker(Object.defineProperty(async () => undefined, 'name', { value: name }), { registry });
    const held = ['issue #2b', ...Array<string>(10).fill('load')].map(wrap);
    expect(held.at(-1)!.operation).toBe('load#10');
    expect(operate.snapshot(registry).breakers.map(({ name }) => name)).toEqual(['issue #2b', 'load']);
    warnings.stop();
  });

  it('keeps an explicit name that looks numbered', () => {
    const { registry } = box();
    operation(registry, 'queue#2');
    expect(operate.snapshot(registry).breakers.map(({ name }) => name)).toEqual(['queue#2']);
  });

  it('makes permits that are in flight late', async () => {
    const { registry } = box();
    const wrapped = operation(registry, 'bad');
    const permit = wrapped.breaker!.acquire();
    operate.restore(registry, operate.snapshot(registry));
    permit.failure(new Error('old'));
    expect(wrapped.breaker!.state).toBe('closed');
    expect(wrapped.breaker!.stats).toMatchObject({ late: 1, failures: 0 });
  });

  const sound = () => {
    const { registry } = box();
    operation(registry, 'good').breaker!.trip();
    operation(registry, 'bad').breaker!.trip();
    return overTheWire(operate.snapshot(registry)) as unknown as { version: number; breakers: Record<string, unknown>[] };
  };

  it.each<[string, (snapshot: ReturnType<typeof sound>) => unknown]>([
    ['of a newer version', (snapshot) => ({ ...snapshot, version: 2 })],
    ['without breakers', () => ({ version: 1 })],
    ['with breakers that are no list', () => ({ version: 1, breakers: {} })],
    ['that is null', () => null],
    ['that is a string', () => '{}'],
    ['with a breaker of a newer version', ({ breakers }) => ({ version: 1, breakers: [breakers[0], { ...breakers[1], version: 2 }] })],
    ['with a breaker without a name', ({ breakers }) => ({ version: 1, breakers: [breakers[0], { ...breakers[1], name: undefined }] })],
    ['with a breaker in an unknown state', ({ breakers }) => ({ version: 1, breakers: [breakers[0], { ...breakers[1], state: 'ajar' }] })],
    ['with a breaker that is null', ({ breakers }) => ({ version: 1, breakers: [breakers[0], null] })],
    ['with a field too many', (snapshot) => ({ ...snapshot, extra: 1 })],
  ])('%s throws ConfigurationError, and changes nothing', (_how, spoil) => {
    const { registry } = box();
    const wrapped = operation(registry, 'good');
    expect(() => operate.restore(registry, spoil(sound()) as RegistrySnapshot)).toThrow(ConfigurationError);
    expect(wrapped.breaker!.state).toBe('closed');
    expect(operation(registry, 'bad').breaker!.state).toBe('closed');
  });
});
