import { Breaker, breakerOf, BreakerRegistry, withBreaker } from '../../lib';
import { clearOverride, disable, forceOpen, shadow } from '../../lib/operate';
import { memoryStore } from '../../lib/fleet/memory-store';
import { shareBreakers } from '../../lib/fleet/share-breakers';
import { TestFleet } from './support/fleet';

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});
const settle = () => fleet.settle();

describe('an override with { fleet: true }', () => {
  it('holds in all processes, those that come later included', async () => {
    const [first] = await fleet.ready(2);
    await forceOpen(first!.registry, 'pay', { fleet: true, reason: 'maintenance', for: '1m' });
    await settle();
    fleet.start();
    await settle();
    expect(fleet.processes.map(({ breaker }) => breaker.override)).toEqual(Array(3).fill('forced_open'));
    expect(await fleet.processes[1]!.attempt()).toBe('rejected');
    await fleet.clock.advance(60_000);
    expect(fleet.processes.map(({ breaker }) => breaker.override)).toEqual(Array(3).fill(undefined));
    expect(await fleet.processes[2]!.attempt()).toBe('served');
  });

  it('is taken away in all', async () => {
    const [first, second] = await fleet.ready(2);
    await disable(first!.breaker, { fleet: true });
    await settle();
    expect(second!.breaker.override).toBe('disabled');
    await clearOverride(second!.breaker, { fleet: true });
    await settle();
    expect(fleet.processes.map(({ breaker }) => breaker.override)).toEqual([undefined, undefined]);
  });

  it('is taken away by a process that has not read of it yet', async () => {
    const [first] = await fleet.ready(2);
    await forceOpen(first!.registry, 'pay', { fleet: true });
    const late = fleet.start();
    await clearOverride(late.breaker, { fleet: true });
    await settle();
    expect(fleet.processes.map(({ breaker }) => breaker.override)).toEqual(Array(3).fill(undefined));
  });

  it('is heard of by a process that is asking', async () => {
    const [first, second] = await fleet.ready(2);
    second!.store.answerLatencyMs = 30;
    await fleet.clock.advance(2000);
    await disable(first!.breaker, { fleet: true });
    await fleet.clock.advance(100);
    expect(second!.breaker.override).toBe('disabled');
  });

  it('yields to one of the process\'s own, and is there again when that is gone', async () => {
    const [first, second] = await fleet.ready(2);
    disable(second!.breaker);
    await forceOpen(first!.registry, 'pay', { fleet: true });
    await settle();
    expect(second!.breaker.override).toBe('disabled');
    expect(await second!.attempt()).toBe('served');
    clearOverride(second!.breaker);
    expect(second!.breaker.override).toBe('forced_open');
    shadow(second!.breaker, { for: '5s' });
    expect(second!.breaker.override).toBe('shadow');
    await fleet.clock.advance(5000);
    expect(await second!.attempt()).toBe('rejected');
    expect(second!.breaker.override).toBe('forced_open');
  });

  it('is local without `fleet`', async () => {
    const [first, second] = await fleet.ready(2);
    forceOpen(first!.registry, 'pay');
    await settle();
    expect(second!.breaker.override).toBeUndefined();
  });

  it('outlives the loss of the store', async () => {
    const [first] = await fleet.ready(2);
    await forceOpen(first!.registry, 'pay', { fleet: true, reason: 'maintenance' });
    await settle();
    fleet.store.clear();
    await first!.attempt();
    await fleet.clock.advance(2500);
    const late = fleet.start();
    await settle();
    expect(late.breaker.override).toBe('forced_open');
  });

  it('goes with the sharing', async () => {
    const [first] = await fleet.ready(1);
    await forceOpen(first!.registry, 'pay', { fleet: true });
    first!.sharing.stop();
    expect(first!.breaker.override).toBeUndefined();
  });

  it('is told as an event, with its reason', async () => {
    const [first, second] = await fleet.ready(2);
    const events: unknown[] = [];
    second!.registry.on('override', ({ override, reason, for: lasts }) => events.push([override, reason, lasts]));
    await forceOpen(first!.registry, 'pay', { fleet: true, reason: 'maintenance', for: '1m' });
    await settle();
    await fleet.clock.advance(10_000);
    await clearOverride(first!.registry, 'pay', { fleet: true });
    await settle();
    expect(events).toEqual([['forced_open', 'maintenance', 59_995], [undefined, undefined, undefined]]);
  });

  it('is refused where nothing is shared', () => {
    const registry = new BreakerRegistry();
    breakerOf('pay', undefined, registry);
    expect(() => forceOpen(registry, 'pay', { fleet: true })).toThrow(/forced_open of pay: fleet: goes with an operation that processes share.*shareBreakers/);
    expect(() => clearOverride(registry, 'pay', { fleet: true })).toThrow(/clear of pay: fleet/);
    expect(() => disable(new Breaker({ name: 'pay' }), { fleet: true })).toThrow(/disabled of pay: fleet: goes with a breaker that processes share/);
    expect(() => shadow(new Breaker(), { fleet: 'yes' as never })).toThrow('must be true or false');
    expect(() => clearOverride(new Breaker(), { flet: true } as never)).toThrow(/unknown option/);
  });

  it('is refused for an operation that is not there', async () => {
    const [first] = await fleet.ready(1);
    expect(() => forceOpen(first!.registry, 'nobody', { fleet: true })).toThrow(/register it/);
  });

  it('is refused for an operation with keys that has none yet, and holds for those that it has', async () => {
    const registry = new BreakerRegistry({ clock: fleet.clock });
    const call = withBreaker(async (_tenant: string) => 'served', { name: 'pay', key: (tenant) => tenant, registry });
    const sharing = shareBreakers(registry, memoryStore({ clock: fleet.clock }));
    await expect(forceOpen(registry, 'pay', { fleet: true })).rejects.toThrow(/forced_open of pay: fleet: .*has none yet/);
    await call('a');
    await fleet.clock.advance(0);
    await forceOpen(registry, 'pay', { fleet: true });
    await expect(call('a')).rejects.toMatchObject({ name: 'CircuitOpenError' });
    expect(registry.get('pay', 'a')?.override).toBe('forced_open');
    sharing.stop();
  });
});
