import { BreakerRegistry, withBreaker, withBreakerSync } from '../../lib';
import { seededRandom } from '../../lib/core/random';
import { forceOpen } from '../../lib/operate';
import { shareBreakers, StoreRefusalError, type ShareOptions } from '../../lib/fleet';
import type { BreakerOptions } from '../../lib/breaker/options';
import { shardOf } from '../../lib/fleet/redis/keys';
import { forEver, TestFleet, TroubledStore } from './support/fleet';

/** The rules of a fleet of many pods and many keys, by their numbers in the decision. */

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});

let seeds = 0;

type Fetch = ((host: string) => Promise<string>) & { breakers: { get(host: string): { state: string } | undefined } };

/** A process with an operation that has a breaker for each host. */
function startKeyed(options: BreakerOptions = {}, share: ShareOptions = {}, shards?: (name: string) => string) {
  const registry = new BreakerRegistry({ clock: fleet.clock, random: seededRandom(++seeds) });
  const store = Object.assign(new TroubledStore(fleet.store, fleet.clock), { shardOf: shards });
  const down = new Set<string>();
  const ran: string[] = [];
  const call = withBreaker(
    async (host: string) => {
      ran.push(host);
      if (down.has(host)) throw new Error('down');
      return 'served';
    },
    { name: 'fetch', key: (host: string) => host, failureThreshold: 1, recoveryTimeout: '10s', maxKeys: 2000, ...options, registry } as never,
  ) as unknown as Fetch;
  const events: string[] = [];
  registry.on('store', ({ operation, health }) => events.push(`${operation} ${health}`));
  const sharing = shareBreakers(registry, store, { quorum: { min: 1, ratio: 0 }, ...share });
  const stateOf = (host: string): string | undefined => registry.get('fetch', host)?.state;
  const attempt = (host: string): Promise<string> => call(host).catch((error: Error) => (error.name === 'CircuitOpenError' ? 'rejected' : error.message));
  return { registry, store, call, attempt, down, ran, events, sharing, stateOf };
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, n) => `host${n}`);

describe('F1: health per record, per shard, per store', () => {
  async function commandsOfAMinute(isRefused: boolean): Promise<{ commands: number; events: string[] }> {
    const { store, call, events, stateOf, attempt, down } = startKeyed();
    const refuse = (names: readonly string[]): void => {
      if (isRefused && names.includes('fetch/host7')) throw new StoreRefusalError('NOPERM');
    };
    store.check = (sent) => {
      if (sent.kind === 'read') refuse(sent.names);
      if (sent.kind === 'write') refuse([sent.name]);
    };
    for (let passed = 0; passed < 60_000; passed += 500) {
      await Promise.all(hosts(50).map(call));
      await fleet.clock.advance(500);
    }
    const commands = store.commands.length;
    down.add('host7').add('host8');
    await attempt('host7');
    await attempt('host8');
    await fleet.clock.advance(100);
    expect([stateOf('host7'), stateOf('host8')]).toEqual(['open', 'open']);
    expect((await fleet.recordOf('fetch/host8'))?.state).toBe('open');
    return { commands, events };
  }

  it('one refused record of fifty costs no more than twice the commands of none, and one event', async () => {
    const usual = await commandsOfAMinute(false);
    fleet = new TestFleet();
    const refused = await commandsOfAMinute(true);
    expect(refused.commands).toBeLessThanOrEqual(2 * usual.commands);
    expect(usual.events).toEqual([]);
    expect(refused.events).toEqual(['fetch down']);
  });

  it('tells of at most one event in a poll interval, however many records come and go', async () => {
    const { store, call, registry } = startKeyed();
    const atMs: number[] = [];
    registry.on('store', () => atMs.push(fleet.clock.now()));
    store.check = (sent) => {
      const isTroubled = Math.floor(fleet.clock.now() / 7000) % 2 === 0;
      if (isTroubled && sent.kind === 'read' && sent.names.some((name) => /[1-5]$/.test(name))) throw new StoreRefusalError('OOM');
    };
    for (let passed = 0; passed < 60_000; passed += 500) {
      await Promise.all(hosts(20).map(call));
      await fleet.clock.advance(500);
    }
    expect(atMs.length).toBeGreaterThan(1);
    for (let n = 1; n < atMs.length; n++) expect(atMs[n]! - atMs[n - 1]!).toBeGreaterThanOrEqual(2000);
  });

  it('of three shards one is away: the breakers of the others keep exactly one probe', async () => {
    const shardOfHost = (name: string): string => `${Number(/\d+/.exec(name)![0]) % 3}`;
    const processes = Array.from({ length: 4 }, () => startKeyed({}, {}, shardOfHost));
    const seen: string[] = [];
    processes[0]!.registry.on('store', ({ health, shards }) => seen.push(`${health} ${shards?.join() ?? ''}`));
    for (const { store } of processes) {
      store.check = (sent) => {
        const names = sent.kind === 'read' ? sent.names : sent.kind === 'write' ? [sent.name] : [];
        if (isAway && names.some((name) => shardOfHost(name) === '0')) throw new Error('ECONNREFUSED');
      };
    }
    let isAway = false;
    const all = hosts(6);
    for (const { down } of processes) for (const host of all) down.add(host);
    for (const { attempt } of processes) for (const host of all) await attempt(host);
    await fleet.clock.advance(5000);
    isAway = true;
    await fleet.clock.advance(5200);
    for (const { ran } of processes) ran.length = 0;
    for (let n = 0; n < 10; n++) {
      for (const { attempt } of processes) for (const host of all) void attempt(host);
      await fleet.clock.advance(100);
    }
    const probes = (host: string): number => processes.reduce((sum, { ran }) => sum + ran.filter((one) => one === host).length, 0);
    expect(['host1', 'host2', 'host4', 'host5'].map(probes)).toEqual([1, 1, 1, 1]);
    // By themselves.
    expect(['host0', 'host3'].map(probes)).toEqual([4, 4]);
    expect(seen).toEqual(['down 0']);
  });

  it('all that was in use is read at once when the store is back', async () => {
    const [first, second] = [startKeyed(), startKeyed()];
    const both = hosts(2);
    for (const host of both) await first.attempt(host);
    await fleet.clock.advance(2500);
    first.store.mode = 'refusing';
    await first.attempt('host0');
    await fleet.clock.advance(2500);
    expect(first.sharing.health).toBe('down');
    for (const host of both) second.down.add(host);
    for (const host of both) await second.attempt(host);
    await fleet.clock.advance(100);
    first.store.mode = 'well';
    while (first.sharing.health === 'down') await fleet.clock.advance(10);
    await fleet.clock.advance(20);
    expect(both.map(first.stateOf)).toEqual(['open', 'open']);
  });

  it('votes do not wait, each anew, for a list of processes that does not come', async () => {
    const { store, attempt, down } = startKeyed();
    await fleet.clock.advance(100);
    store.members = () => {
      store.commands.push({ kind: 'members' });
      return forEver;
    };
    for (const host of hosts(8)) {
      down.add(host);
      await attempt(host);
      await fleet.clock.advance(1100);
    }
    expect(store.kinds().filter((kind) => kind === 'members').length).toBeLessThanOrEqual(3);
  });

  it('an answer to what was sent before a loss is no proof that the store is back', async () => {
    const [first] = await fleet.ready(1);
    const { store, sharing } = first!;
    let answerLate: (() => void) | undefined;
    const { read } = store;
    store.read = async (names) => {
      const reading = await read.call(store, names);
      await new Promise<void>((resolve) => {
        answerLate = resolve;
      });
      return reading;
    };
    await first!.attempt();
    await fleet.clock.advance(2100);
    store.read = read;
    store.mode = 'refusing';
    fleet.dependency.isUp = false;
    await first!.fail();
    await fleet.clock.advance(20);
    expect(sharing.health).toBe('down');
    answerLate!();
    await fleet.clock.advance(0);
    expect(sharing.health).toBe('down');
  });
});

describe('F2: the budget', () => {
  it('a thousand closed keys cost reads alone: one of each shard in a poll interval, and a heartbeat', async () => {
    const { store, call } = startKeyed({}, {}, shardOf);
    await Promise.all(hosts(1000).map(call));
    await fleet.clock.advance(4000);
    store.commands.length = 0;
    for (let n = 0; n < 10; n++) {
      await Promise.all(hosts(1000).map(call));
      await fleet.clock.advance(2000);
    }
    const counted = (kind: string): number => store.kinds().filter((one) => one === kind).length;
    expect(counted('write')).toBe(0);
    expect(counted('read')).toBeLessThanOrEqual(16 * 13);
    expect(counted('read')).toBeGreaterThanOrEqual(16 * 8);
    expect(counted('announce')).toBeLessThanOrEqual(13);
    expect(fleet.store.size).toBe(0);
  });

  it('a hundred keys that are out at once take no store, and have one probe each and round', async () => {
    const processes = Array.from({ length: 5 }, () => startKeyed({}, {}, shardOf));
    const all = hosts(100);
    let most = 0;
    for (const { store, down } of processes) {
      store.latencyMs = 2;
      let underWay = 0;
      const { compareAndSet } = store;
      store.compareAndSet = (...write) => {
        most = Math.max(most, ++underWay);
        return compareAndSet.apply(store, write).finally(() => underWay--);
      };
      for (const host of all) down.add(host);
    }
    for (const host of all) await processes[0]!.attempt(host);
    await fleet.clock.advance(500);
    for (const { attempt } of processes) for (const host of all) await attempt(host);
    for (let round = 0; round < 3; round++) {
      await fleet.clock.advance(10_000);
      for (const { ran } of processes) ran.length = 0;
      most = 0;
      for (let n = 0; n < 8; n++) {
        for (const { attempt } of processes) for (const host of all) void attempt(host);
        await fleet.clock.advance(100);
      }
      const probes = processes.flatMap(({ ran }) => ran);
      expect(probes.sort()).toEqual([...all].sort());
    }
    for (const { events } of processes) expect(events).toEqual([]);
  }, 60_000);

  it('a healthy key that was called once leaves nothing behind', async () => {
    const { call } = startKeyed();
    for (const host of hosts(300)) await call(host);
    await fleet.clock.advance(5000);
    expect(fleet.store.size).toBe(0);
  });
});

describe('F3: pooled counts are counted as one process would', () => {
  it.each([0.01, 0.05])('a healthy fleet of which %d of the calls fail never opens in ten minutes', async (rate) => {
    const chance = seededRandom(42);
    const opened: string[] = [];
    const processes = Array.from({ length: 10 }, () => {
      const registry = new BreakerRegistry({ clock: fleet.clock, random: chance });
      const call = withBreaker(
        async () => {
          if (chance() < rate) throw new Error('sporadic');
        },
        { name: 'pay', failureThreshold: 5, registry },
      );
      // Five of one process in a row, by chance, are its own.
      registry.on('transition', ({ to, reason }) => reason === 'fleet' && opened.push(to));
      const store = new TroubledStore(fleet.store, fleet.clock);
      store.latencyMs = 1;
      shareBreakers(registry, store, { share: 'counters' });
      return call;
    });
    for (let passed = 0; passed < 600_000; passed += 100) {
      for (const call of processes) void call().catch(() => undefined);
      await fleet.clock.advance(100);
    }
    expect(opened).toEqual([]);
  }, 120_000);

  it('a real outage opens within half a second', async () => {
    const processes = await fleet.ready(10, { failureThreshold: 5 }, { share: 'counters' });
    fleet.dependency.isUp = false;
    const beganMs = fleet.clock.now();
    while (fleet.states().includes('closed') && fleet.clock.now() - beganMs < 2000) {
      for (const process of processes.slice(0, 6)) if (fleet.clock.now() === beganMs) await process.attempt();
      await fleet.clock.advance(10);
    }
    expect(fleet.clock.now() - beganMs).toBeLessThanOrEqual(500);
  });
});

describe('F4: rare calls recover', () => {
  const MINUTES = 10 * 60_000;

  function startRare(isSync: boolean, share: ShareOptions, latencyMs = 0) {
    const registry = new BreakerRegistry({ clock: fleet.clock, random: () => 0.5 });
    const store = new TroubledStore(fleet.store, fleet.clock);
    store.latencyMs = latencyMs;
    let isDown = true;
    const work = (): string => {
      if (isDown) throw new Error('down');
      return 'served';
    };
    const options = { name: 'rare', failureThreshold: 1, registry };
    const call: () => string | Promise<string> = isSync ? withBreakerSync(work, options) : withBreaker(async () => work(), options);
    shareBreakers(registry, store, { quorum: { min: 1, ratio: 0 }, ...share });
    const attempt = async (): Promise<string> => {
      try {
        const result = call();
        return typeof result === 'string' ? result : await fleet.clock.until(result);
      } catch (error) {
        return (error as Error).name;
      }
    };
    return { attempt, recovers: () => { isDown = false; } };
  }

  it.each([
    ['of a synchronous function', true, {}, 0],
    ['that do not wait for a slot', false, { probeWait: 0 }, 0],
    ['with a store 200 ms away', false, {}, 100],
  ] as const)('%s, at one in ten minutes', async (_which, isSync, share, latencyMs) => {
    const { attempt, recovers } = startRare(isSync, share, latencyMs);
    await fleet.clock.advance(10_000);
    expect(await attempt()).toBe('Error');
    recovers();
    const answers: string[] = [];
    for (let n = 0; n < 4; n++) {
      await fleet.clock.advance(MINUTES);
      answers.push(await attempt());
    }
    expect(answers).toEqual(['CircuitOpenError', 'served', 'served', 'served']);
  });

  it('of synchronous functions in two processes, by turns', async () => {
    const both = [startRare(true, {}), startRare(true, {})];
    await fleet.clock.advance(10_000);
    await both[0]!.attempt();
    for (const { recovers } of both) recovers();
    const answers: string[] = [];
    for (let n = 0; n < 12; n++) {
      await fleet.clock.advance(MINUTES / 2);
      answers.push(await both[n % 2]!.attempt());
    }
    expect(answers.indexOf('served')).toBeGreaterThan(0);
    expect(answers.indexOf('served')).toBeLessThan(6);
  });

  it('of one process when the other, which holds the slot, is not called any more', async () => {
    const both = [startRare(true, {}), startRare(true, {})];
    await fleet.clock.advance(10_000);
    await both[0]!.attempt();
    for (const { recovers } of both) recovers();
    await fleet.clock.advance(MINUTES);
    expect(await both[0]!.attempt()).toBe('CircuitOpenError');
    const answers: string[] = [];
    for (let n = 0; n < 4; n++) {
      await fleet.clock.advance(60_000);
      answers.push(await both[1]!.attempt());
    }
    expect(answers).toContain('served');
  });
});

describe('F5: clocks', () => {
  it('what was given is the most that is waited, when the clock of the server is set back', async () => {
    const processes = await fleet.ready(2);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    await fleet.settle();
    fleet.storeAheadMs = -3_600_000;
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    const answers: string[] = [];
    for (let n = 0; n < 20; n++) {
      for (const process of processes) answers.push(await process.attempt());
      await fleet.clock.advance(500);
    }
    expect(answers).toContain('served');
  });
});

describe('F6: a late vote joins the outage that is there', () => {
  it('the fleet is open as long as the voters are, after a store that was away', async () => {
    const processes = await fleet.ready(4);
    for (const { store } of processes) store.mode = 'refusing';
    await fleet.clock.advance(3000);
    for (const process of processes) await process.attempt();
    await fleet.clock.advance(2000);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    const trippedAtMs = fleet.clock.now();
    fleet.dependency.isUp = true;
    await fleet.clock.advance(6000);
    for (const { store } of processes) store.mode = 'well';
    let servedAtMs = Infinity;
    while (fleet.clock.now() - trippedAtMs < 25_000) {
      for (const process of processes) if ((await process.attempt()) === 'served') servedAtMs = Math.min(servedAtMs, fleet.clock.now());
      await fleet.clock.advance(100);
    }
    expect(servedAtMs - trippedAtMs).toBeLessThanOrEqual(10_000 + 5000 + 200);
  });
});

describe('F10: who voted, and why', () => {
  it('is the cause of rejections in processes that did not fail themselves', async () => {
    const processes = await fleet.ready(3);
    fleet.dependency.isUp = false;
    await processes[0]!.fail();
    await processes[1]!.fail();
    await fleet.settle();
    const rejection = await processes[2]!.call().catch((error: Error) => error);
    expect((rejection as Error).cause).toMatchObject({ message: expect.stringMatching(/^the fleet has opened the circuit by process 1:\w+, process 2:\w+; last error: Error: down$/) });
    const own = await processes[0]!.call().catch((error: Error) => error);
    expect((own as Error).cause).toMatchObject({ message: 'down' });
  });

  it('the process that probes has the reason of one that does, and the others the fleet', async () => {
    const processes = await fleet.ready(2);
    const reasons = processes.map(({ registry }) => {
      const seen: string[] = [];
      registry.on('transition', ({ to, reason }) => to === 'half_open' && seen.push(reason));
      return seen;
    });
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    await fleet.clock.advance(10_000);
    void (processes[0]!.call as (work: () => Promise<void>) => Promise<string>)(() => forEver).catch(() => undefined);
    await fleet.settle();
    expect(reasons).toEqual([['recovery_timeout'], ['fleet']]);
    expect(processes.map(({ sharing }) => sharing.stats.probesHeld)).toEqual([1, 0]);
    expect(processes[0]!.sharing.stats).toMatchObject({ votes: 1, unanswered: 0, processes: 2 });
  });
});

describe('F11: the quorum is of those who take part', () => {
  it('processes that did not call the dependency of late have no say', async () => {
    const processes = await fleet.ready(6, { recoveryTimeout: '20s' }, { quorum: { min: 2, ratio: 0.5 } });
    // Two of them are called, for longer than an open time.
    for (let passed = 0; passed < 30_000; passed += 1000) {
      for (const process of processes.slice(0, 2)) await process.attempt();
      await fleet.clock.advance(1000);
    }
    fleet.dependency.isUp = false;
    await processes[0]!.fail();
    await fleet.settle();
    expect(processes[5]!.state).toBe('closed');
    await processes[1]!.fail();
    await fleet.settle();
    expect(processes[5]!.state).toBe('open');
  });

  it('processes that were rejected while the circuit was open have a say when it has closed', async () => {
    const processes = await fleet.ready(4, {}, { quorum: { min: 2, ratio: 0.5 } });
    fleet.dependency.isUp = false;
    for (const process of processes.slice(0, 2)) await process.fail();
    await fleet.settle();
    for (let passed = 0; fleet.states().join() !== 'closed,closed,closed,closed'; passed += 100) {
      if (passed === 25_000) fleet.dependency.isUp = true;
      for (const process of processes) await process.attempt();
      await fleet.clock.advance(100);
    }
    fleet.dependency.isUp = false;
    await processes[0]!.fail();
    await fleet.settle();
    expect(fleet.states()).toEqual(['open', 'closed', 'closed', 'closed']);
  });

  it('a process alone does not open a fleet that has just begun', async () => {
    const processes = [fleet.start(), fleet.start(), fleet.start()];
    await fleet.clock.advance(100);
    fleet.dependency.isUp = false;
    await processes[0]!.fail();
    await fleet.settle();
    expect(fleet.states()).toEqual(['open', 'closed', 'closed']);
  });

  it('a probe counts also after its lease, in the same half-open period', async () => {
    const processes = await fleet.ready(2);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    await fleet.clock.advance(10_000);
    fleet.dependency.isUp = true;
    let finish = (): void => undefined;
    const work = (): Promise<void> => new Promise((resolve) => {
      finish = resolve;
    });
    const probe = (processes[0]!.call as (work: () => Promise<void>) => Promise<string>)(work);
    await fleet.clock.advance(100);
    processes[0]!.store.mode = 'stuck';
    await fleet.clock.advance(5500);
    processes[0]!.store.mode = 'well';
    await processes[0]!.attempt();
    await fleet.clock.advance(4000);
    finish();
    expect(await probe).toBe('served');
    await fleet.settle();
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });
});

describe('F12: names', () => {
  it('a reason is at most 200 characters, and two processes have two names', async () => {
    const [first] = await fleet.ready(1);
    await forceOpen(first!.registry, 'pay', { fleet: true, reason: 'x'.repeat(200) });
    expect((await fleet.recordOf('pay'))?.override?.reason).toHaveLength(200);
    expect(() => forceOpen(first!.registry, 'pay', { fleet: true, reason: 'x'.repeat(201) })).toThrow('at most 200 characters');
    const names = [1, 2].map(() => shareBreakers(new BreakerRegistry({ clock: fleet.clock }), fleet.store).process);
    expect(names[0]).not.toBe(names[1]);
  });
});
