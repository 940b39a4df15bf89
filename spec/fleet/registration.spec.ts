import { breakerOf, BreakerRegistry, withBreaker } from '../../lib';
import { forceOpen } from '../../lib/operate';
import { memoryStore } from '../../lib/fleet/memory-store';
import { shareBreakers } from '../../lib/fleet/share-breakers';
import { collectWarnings } from '../registry/support/warnings';
import { readSharedName, sharedName } from '../../lib/fleet/shared-name';
import { decodeHeartbeat } from '../../lib/fleet/heartbeat';
import { TimerClock } from '../support/timer-clock';
import { TestFleet, TroubledStore } from './support/fleet';

const clock = new TimerClock();
const none = async () => undefined;

describe('what is shared', () => {
  it('is what is there and what comes, of the operations that were named', async () => {
    const registry = new BreakerRegistry({ clock });
    const store = new TroubledStore(memoryStore({ clock }), clock);
    withBreaker(none, { name: 'pay.card', registry });
    withBreaker(none, { name: 'ship', registry });
    const sharing = shareBreakers(registry, store, { operations: ['pay.*', 'stock'] });
    withBreaker(none, { name: 'stock', registry });
    withBreaker(none, { name: 'pay.cash', registry });
    breakerOf('pay.later', undefined, registry);
    await clock.advance(0);
    expect(sharing.stats.breakers).toBe(4);
    expect(() => forceOpen(registry.get('ship')!, { fleet: true })).toThrow('with `operations` that include it');
    sharing.stop();
  });

  it('is each key of an operation by itself', async () => {
    const fleet = new TestFleet();
    const processes = [1, 2].map(() => {
      const registry = new BreakerRegistry({ clock: fleet.clock });
      const call = withBreaker(async (host: string) => { throw new Error(host); }, { name: 'fetch', key: (host) => host, failureThreshold: 1, registry });
      shareBreakers(registry, fleet.store, { process: `p${Math.random()}`, quorum: { min: 2 } });
      return { call, registry };
    });
    for (const { call } of processes) await call('a').catch(() => undefined);
    await fleet.clock.advance(60);
    await processes[0]!.call('b').catch(() => undefined);
    await fleet.clock.advance(0);
    expect(processes.map(({ registry }) => registry.get('fetch', 'a')?.state)).toEqual(['open', 'open']);
    expect(processes[1]!.registry.get('fetch', 'b')).toBeUndefined();
  });

  it('is read once more with the first poll, though nobody calls: a message may have come before the subscription stood', async () => {
    const fleet = new TestFleet();
    const [calling, idle] = [fleet.start({ failureThreshold: 1 }, { quorum: { min: 1 } }), fleet.start()];
    let stands = false;
    const { subscribe } = fleet.store;
    fleet.store.subscribe = (listener) => subscribe.call(fleet.store, (message) => { if (stands) listener(message); });
    const late = fleet.start();
    await fleet.clock.advance(0);
    fleet.dependency.isUp = false;
    await calling.attempt();
    await fleet.settle();
    stands = true;
    expect([idle.state, late.state]).toEqual(['open', 'closed']);
    await fleet.clock.advance(2500);
    expect(late.state).toBe('open');
  });

  it('is known to a breaker of a key that is made in an outage', async () => {
    const fleet = new TestFleet();
    const start = () => {
      const registry = new BreakerRegistry({ clock: fleet.clock });
      const call = withBreaker(async (_host: string) => { throw new Error('down'); }, { name: 'fetch', key: (host) => host, failureThreshold: 1, registry });
      shareBreakers(registry, fleet.store, { quorum: { min: 1, ratio: 0 } });
      return { call, registry };
    };
    await start().call('a').catch(() => undefined);
    await fleet.clock.advance(60);
    const late = start();
    await late.call('a').catch(() => undefined);
    await fleet.clock.advance(0);
    await expect(late.call('a')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('is not what has no name that means the same elsewhere', async () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry({ clock });
    const sharing = shareBreakers(registry, memoryStore({ clock }));
    const fetchUser = () => Object.defineProperty(async () => undefined, 'name', { value: 'fetchUser' });
    const wrapped = [withBreaker(fetchUser(), { registry }), withBreaker(fetchUser(), { registry })];
    await Promise.all(wrapped.map((call) => call()));
    expect(sharing.stats.breakers).toBe(1);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_UNNAMED']);
    expect(warnings.messages()[0]).toContain("'fetchUser#2' is not shared");
    warnings.stop();
    sharing.stop();
  });

  it('is again what left because its name was doubted, once somebody says that names are to be trusted', async () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry({ clock });
    const sharing = shareBreakers(registry, memoryStore({ clock }));
    const named = (name: string) => withBreaker(Object.defineProperty(async () => undefined, 'name', { value: name }), { registry });
    const held = [named('fetchUser'), named('save')];
    expect([sharing.stats.breakers, held.push(named('e')), sharing.stats.breakers]).toEqual([2, 3, 0]);
    registry.trustDerivedNames = true;
    expect(sharing.stats.breakers).toBe(3);
    registry.trustDerivedNames = false;
    expect(sharing.stats.breakers).toBe(0);
    registry.trustDerivedNames = true;
    await clock.advance(0);
    expect(() => forceOpen(held[0]!.breaker!, { fleet: true })).not.toThrow();
    expect([sharing.stats.breakers, warnings.codes()]).toEqual([3, ['BREAKER_BOX_UNNAMED']]);
    warnings.stop();
    sharing.stop();
  });

  it('has a name of its own for any operation: with any characters, of 10 KB, with a key', () => {
    const names = ['a', 'a/b', 'a%2Fb', '', ' ', '{x}', '\ud800', '\udfff', '😀', 'ä'.repeat(5000), `${'ä'.repeat(5000)}!`, '*', '=', 'a=b'];
    const ids = [...names.map((name) => sharedName(name)), ...names.map((name) => sharedName(name, 'b')), sharedName('a', '')];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9\-_.!~*'()%=/]{0,200}$/);
    for (const name of names.filter((one) => one.length < 50)) expect(readSharedName(sharedName(name, name))).toEqual({ operation: name, key: name });
  });

  it('is told by each process, also of what is idle; two processes of one name are told apart', async () => {
    const store = memoryStore({ clock });
    const processes = ['first', 'second'].map(() => {
      const registry = new BreakerRegistry({ clock });
      const used = withBreaker(async () => 'done', { name: 'used', registry });
      withBreaker(async () => 'done', { name: 'idle', registry });
      return { used, sharing: shareBreakers(registry, store, { process: 'pod' }) };
    });
    for (const { used } of processes) await used();
    await clock.advance(3000);
    const members = await store.members();
    expect([...members.keys()].sort()).toEqual(processes.map(({ sharing }) => sharing.process).sort());
    expect([...members.keys()]).toEqual([expect.stringMatching(/^pod:\w+$/), expect.stringMatching(/^pod:\w+$/)]);
    for (const text of members.values()) expect([...decodeHeartbeat(text)!.operations.keys()]).toEqual(['used', 'idle']);
    for (const { sharing } of processes) sharing.stop();
  });

  it('may be twenty thousand operations: only those in use ask', async () => {
    const registry = new BreakerRegistry({ clock });
    const store = new TroubledStore(memoryStore({ clock }), clock);
    const sharing = shareBreakers(registry, store);
    for (let n = 0; n < 20_000; n++) breakerOf(`operation ${n}`, undefined, registry);
    await clock.advance(2500);
    const reads = () => store.commands.flatMap((sent) => (sent.kind === 'read' ? sent.names : []));
    // At once, and with the first poll.
    expect(reads().length).toBe(2000);
    expect(store.commands.length).toBe(2);
    await registry.get('operation 5')!.execute(none);
    await clock.advance(2500);
    expect(reads().slice(2000)).toEqual(['operation%205']);
    sharing.stop();
  });

  it('ends: the breakers go on from where they are, and no timer is left', async () => {
    const fleet = new TestFleet();
    const processes = await fleet.ready(2);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    await fleet.clock.advance(0);
    for (const { sharing } of processes) sharing.stop();
    await fleet.clock.advance(300);
    expect(fleet.clock.armed).toBe(0);
    expect(fleet.states()).toEqual(['open', 'open']);
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    expect(await processes[0]!.attempt()).toBe('served');
    expect(fleet.states()).toEqual(['closed', 'half_open']);
    const again = shareBreakers(processes[0]!.registry, fleet.store);
    again.stop();
    again.stop();
  });

  it('ends while a command is under way: whatever comes of that, nothing is told and nothing asked any more', async () => {
    const fleet = new TestFleet();
    const [first] = await fleet.ready(1);
    first!.store.mode = 'stuck';
    const before = first!.store.commands.length;
    await fleet.clock.advance(2000);
    const sent = first!.store.commands.slice(before).map(({ kind }) => kind);
    expect(sent).toContain('read');
    first!.sharing.stop();
    await fleet.clock.advance(60_000);
    expect(first!.health).toEqual([]);
    expect(first!.store.commands.length).toBe(before + sent.length);
    expect(fleet.clock.armed).toBe(0);
  });
});

describe('messages', () => {
  it('that are garbage, of another version, or about an unknown breaker are counted and ignored', async () => {
    const registry = new BreakerRegistry({ clock });
    let tell: (message: string) => void = () => undefined;
    const store = Object.assign(new TroubledStore(memoryStore({ clock }), clock), {
      subscribe: (listener: (message: string) => void) => {
        tell = listener;
        return () => undefined;
      },
    });
    breakerOf('pay', undefined, registry);
    const sharing = shareBreakers(registry, store);
    await clock.advance(0);
    const before = store.commands.length;
    const micros = (clock.wallTime() * 1000).toString(36);
    const future = ((clock.wallTime() + 61_000) * 1000).toString(36);
    const garbage = [undefined, null, 1, 'text', '', ' ', [], {}, 'pay', `nobody ${micros}.a`, 'pay 9', `pay ${micros}.a b`, `pay\u00e9 ${micros}.a`, `pay ${micros}.${'a'.repeat(1100)}`, '['.repeat(5_000_000), `pay ${future}.a`, 'pay zzzzzzzzzzz.a'];
    for (const message of garbage) tell(message as string);
    await clock.advance(100);
    expect(sharing.stats.ignored).toBe(garbage.length);
    expect(store.commands.length).toBe(before);
    sharing.stop();
  });

  it('that are forged make a process ask, and believe nothing', async () => {
    const fleet = new TestFleet();
    const [first] = await fleet.ready(1);
    const listeners: ((message: string) => void)[] = [];
    const registry = new BreakerRegistry({ clock: fleet.clock });
    breakerOf('pay', undefined, registry);
    const store = Object.assign(new TroubledStore(fleet.store, fleet.clock), {
      subscribe: (listener: (message: string) => void) => {
        listeners.push(listener);
        return () => undefined;
      },
    });
    shareBreakers(registry, store);
    await fleet.clock.advance(0);
    store.commands.length = 0;
    const forged = `pay ${((fleet.clock.wallTime() + 5000) * 1000).toString(36)}.a`;
    for (let n = 0; n < 500; n++) {
      for (let m = 0; m < 4; m++) listeners[0]!(forged);
      await fleet.clock.advance(2);
    }
    // Two thousand in a second.
    expect(store.kinds().filter((kind) => kind === 'read').length).toBeLessThanOrEqual(20);
    expect(registry.get('pay')!.state).toBe('closed');
    expect(first!.state).toBe('closed');
  });
});

describe('bad input of shareBreakers', () => {
  it('is named, all of it', () => {
    expect(() => shareBreakers({} as never, {} as never, { share: 'votes', quorum: { min: 0, ratio: 2 }, probeWait: -1, lease: 500, process: 'ä', pollIntervall: 1 } as never)).toThrow(
      /registry: must be a BreakerRegistry[^]*store: must be a FleetStore[^]*options.share: must be 'verdict' or 'counters'[^]*options.quorum.min[^]*options.quorum.ratio[^]*options.probeWait[^]*options.process[^]*options.pollIntervall: unknown option; did you mean/,
    );
    expect(() => shareBreakers(new BreakerRegistry(), memoryStore(), { lease: 500 })).toThrow('options.lease: must be at least three times commandTimeout (250 ms)');
  });

  it('is also to share a registry twice', () => {
    const registry = new BreakerRegistry({ clock });
    const sharing = shareBreakers(registry, memoryStore({ clock }));
    expect(() => shareBreakers(registry, memoryStore({ clock }))).toThrow('registry: is shared already: stop that sharing first');
    sharing.stop();
  });

  it('leaves nothing behind when the store cannot be subscribed to', () => {
    const registry = new BreakerRegistry({ clock });
    const armed = clock.armed;
    const store = Object.assign(memoryStore({ clock }), { subscribe: () => { throw new Error('no subscriber'); } });
    expect(() => shareBreakers(registry, store)).toThrow('no subscriber');
    expect(registry.fleet).toBeUndefined();
    expect(clock.armed).toBe(armed);
  });
});
