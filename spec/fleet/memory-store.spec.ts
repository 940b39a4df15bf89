import { memoryStore } from '../../lib/fleet/memory-store';
import type { Expected, FleetStore } from '../../lib/fleet/store';
import { storeContract } from '../../lib/testing';
import { TimerClock } from '../support/timer-clock';

/** There is nothing, and it does not matter when. */
const anything: Expected = { revision: '', server: '', notAfter: Infinity };

describe('memoryStore', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    const clock = new TimerClock();
    await run({ store: memoryStore({ clock }), advance: (ms) => clock.advance(ms) });
  });

  it('tells a time that does not step back when the clock of the machine is set', async () => {
    const store = memoryStore();
    const { now: before } = await store.read([]);
    expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
    const set = jest.spyOn(Date, 'now').mockReturnValue(before - 3_600_000);
    try {
      expect((await store.read([])).now).toBeGreaterThanOrEqual(before);
      await store.compareAndSet('a', anything, { revision: 'r', value: 'v' }, 10_000);
      set.mockReturnValue(before - 7_200_000);
      expect((await store.compareAndSet('a', { ...anything, revision: 'r', notAfter: before + 60_000 }, { revision: 's', value: 'v' }, 10_000)).done).toBe(true);
    } finally {
      set.mockRestore();
    }
  });

  it('goes by the clock that it is given, also one that tells no time of the day', async () => {
    const beneath = new TimerClock();
    const bare = memoryStore({ clock: { now: () => beneath.now(), setTimeout: (fn, ms) => beneath.setTimeout(fn, ms), clearTimeout: (handle) => beneath.clearTimeout(handle) } });
    for (const [clock, store] of [[beneath, bare], [beneath, memoryStore({ clock: beneath })]] as const) {
      const { now: before } = await store.read([]);
      await clock.advance(1234);
      expect((await store.read([])).now - before).toBeCloseTo(1234);
    }
    expect((await memoryStore({ clock: beneath }).read([])).now).toBe(beneath.wallTime());
  });

  it('refuses unknown options', () => {
    expect(() => memoryStore({ clocks: 1 } as never)).toThrow(/clocks/);
  });

  it('loses everything by clear', async () => {
    const store = memoryStore();
    await store.compareAndSet('a', anything, { revision: 'r', value: 'v' }, 1000);
    await store.announce('p', '', 1000);
    expect(store.size).toBe(1);
    store.clear();
    expect((await store.read(['a'])).stored).toEqual([undefined]);
    expect(await store.members()).toEqual(new Map());
    expect(store.size).toBe(0);
  });

  it('keeps nothing that is forgotten, however many names there were', async () => {
    const clock = new TimerClock();
    const store = memoryStore({ clock });
    const deleted = jest.spyOn(Map.prototype, 'delete');
    for (let n = 0; n < 100; n++) await store.compareAndSet(`name ${n}`, anything, { revision: 'r', value: '' }, 100);
    await clock.advance(60_000);
    await store.compareAndSet('one more', anything, { revision: 'r', value: '' }, 100);
    expect(deleted.mock.calls.filter(([key]) => String(key).startsWith('name '))).toHaveLength(100);
    deleted.mockRestore();
  });
});

/** Stores that are wrong in one way each. */
const wrongStores: { readonly [what: string]: (store: FleetStore) => Partial<FleetStore> } = {
  'does not compare': (store) => ({
    compareAndSet: async (name, expected, next, lastsMs) =>
      store.compareAndSet(name, { ...expected, revision: (await store.read([name])).stored[0]?.revision ?? '' }, next, lastsMs),
  }),
  'compares before it writes, in two steps': (store) => ({
    compareAndSet: async (name, expected, next, lastsMs) => {
      const { now, server, stored: [stored] } = await store.read([name]);
      if ((stored?.revision ?? '') !== expected.revision) return { now, server, done: false, stored };
      await Promise.resolve();
      for (;;) {
        const { revision = '' } = (await store.read([name])).stored[0] ?? {};
        const written = await store.compareAndSet(name, { ...anything, revision }, next, lastsMs);
        if (written.done) return written;
      }
    },
  }),
  'looks at no clock': (store) => ({
    compareAndSet: (name, expected, next, lastsMs) => store.compareAndSet(name, { ...expected, notAfter: Infinity }, next, lastsMs),
  }),
  'does not look which server it is': (store) => ({
    compareAndSet: (name, expected, next, lastsMs) => store.compareAndSet(name, { ...expected, server: '' }, next, lastsMs),
  }),
  'says nothing of what is there': (store) => ({
    compareAndSet: async (name, expected, next, lastsMs) => ({ ...(await store.compareAndSet(name, expected, next, lastsMs)), stored: undefined }),
  }),
  'keeps everything forever': (store) => ({ compareAndSet: (name, expected, next) => store.compareAndSet(name, expected, next, 1e15) }),
  'forgets too soon': (store) => ({ compareAndSet: (name, expected, next, lastsMs) => store.compareAndSet(name, expected, next, lastsMs / 4) }),
  'does not keep to the order': (store) => ({
    read: (names) => store.read([...names].sort()),
  }),
  'does not tell names apart by case': (store) => ({
    read: (names) => store.read(names.map((name) => name.toLowerCase())),
    compareAndSet: (name, ...rest) => store.compareAndSet(name.toLowerCase(), ...rest),
  }),
  'trims values': (store) => ({
    compareAndSet: (name, expected, next, lastsMs) => store.compareAndSet(name, expected, next && { ...next, value: next.value.trim() }, lastsMs),
  }),
  'cannot delete': (store) => ({
    compareAndSet: (name, expected, next, lastsMs) => store.compareAndSet(name, expected, next ?? { revision: 'none', value: '' }, lastsMs),
  }),
  'tells the time in seconds': (store) => ({
    read: async (names) => {
      const reading = await store.read(names);
      return { ...reading, now: reading.now / 1000 };
    },
  }),
  'forgets processes': () => ({ announce: () => Promise.resolve() }),
  'never forgets processes': (store) => ({ announce: (process, value) => store.announce(process, value, 1e15) }),
  'tells of no deletions': (store) => ({ subscribe: (listener) => store.subscribe!((message) => { if (!message.endsWith(' ')) listener(message); }) }),
  'tells after the end': (store) => ({
    subscribe: (listener) => {
      store.subscribe!(listener);
      return () => {};
    },
  }),
};

describe('storeContract', () => {
  it.each(Object.entries(wrongStores))('finds a store that %s', async (_what, wrong) => {
    const clock = new TimerClock();
    const right = memoryStore({ clock });
    const store: FleetStore = {
      read: (names) => right.read(names),
      compareAndSet: (...args) => right.compareAndSet(...args),
      announce: (...args) => right.announce(...args),
      members: () => right.members(),
      subscribe: (listener) => right.subscribe(listener),
      ...wrong(right),
    };
    const failures = await Promise.all(storeContract.map(({ run }) => run({ store, advance: (ms) => clock.advance(ms) }).then(() => '', String)));
    expect(failures.filter((failure) => failure.startsWith('Error: not so'))).not.toEqual([]);
  });

  it('holds for a store that tells of no changes', async () => {
    const clock = new TimerClock();
    const beneath = memoryStore({ clock });
    const store: FleetStore = {
      read: (names) => beneath.read(names),
      compareAndSet: (...args) => beneath.compareAndSet(...args),
      announce: (...args) => beneath.announce(...args),
      members: () => beneath.members(),
    };
    for (const { run } of storeContract) await run({ store, advance: (ms) => clock.advance(ms) });
  });
});
