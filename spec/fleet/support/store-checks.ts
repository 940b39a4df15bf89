import type { FleetStore } from '../../../lib/fleet/store';

interface StoreCheck {
  readonly name: string;
  run(subject: { readonly store: FleetStore }): Promise<void>;
}

let names = 0;
const newName = (): string => `check-${process.pid}-${Date.now()}-${names++}/${encodeURIComponent('é {key}')}`;
const LASTS_MS = 60_000;

/** What every store does, whatever keeps its records. */
export const storeChecks: readonly StoreCheck[] = [
  {
    name: 'keeps a record, and replaces it when its revision is the expected one',
    async run({ store }) {
      const name = newName();
      expect((await store.read([name])).stored).toEqual([undefined]);
      expect(await store.compareAndSet(name, '', { revision: 'r1', value: '{"a b":"é\\n\u{1F4A5}"}' }, LASTS_MS)).toMatchObject({ done: true, stored: undefined });
      expect(await store.compareAndSet(name, 'r1', { revision: 'r2', value: 'two\nlines' }, LASTS_MS)).toMatchObject({ done: true });
      expect((await store.read([name])).stored).toEqual([{ revision: 'r2', value: 'two\nlines' }]);
    },
  },
  {
    name: 'replaces nothing when the revision is another one, and says what is there',
    async run({ store }) {
      const name = newName();
      expect(await store.compareAndSet(name, 'r0', { revision: 'r1', value: 'x' }, LASTS_MS)).toMatchObject({ done: false, stored: undefined });
      await store.compareAndSet(name, '', { revision: 'r1', value: 'first' }, LASTS_MS);
      for (const expected of ['', 'r', 'r10', 'r1 ']) {
        expect(await store.compareAndSet(name, expected, { revision: 'r2', value: 'x' }, LASTS_MS)).toMatchObject({ done: false, stored: { revision: 'r1', value: 'first' } });
      }
      expect((await store.read([name])).stored).toEqual([{ revision: 'r1', value: 'first' }]);
    },
  },
  {
    name: 'deletes a record when its revision is the expected one',
    async run({ store }) {
      const name = newName();
      await store.compareAndSet(name, '', { revision: 'r1', value: '' }, LASTS_MS);
      expect(await store.compareAndSet(name, 'r0', undefined, LASTS_MS)).toMatchObject({ done: false, stored: { revision: 'r1', value: '' } });
      expect(await store.compareAndSet(name, 'r1', undefined, LASTS_MS)).toMatchObject({ done: true, stored: undefined });
      expect((await store.read([name])).stored).toEqual([undefined]);
    },
  },
  {
    name: 'lets one of many writers at once have its way',
    async run({ store }) {
      const name = newName();
      const written = await Promise.all(Array.from({ length: 20 }, (_, n) => store.compareAndSet(name, '', { revision: `r${n}`, value: String(n) }, LASTS_MS)));
      const winners = written.flatMap(({ done }, n) => (done ? [n] : []));
      expect(winners).toHaveLength(1);
      expect((await store.read([name])).stored).toEqual([{ revision: `r${winners[0]}`, value: String(winners[0]) }]);
    },
  },
  {
    name: 'reads all records of a shard at once, in the order of their names',
    async run({ store }) {
      const all = Array.from({ length: 64 }, newName);
      const shardOf = (name: string): string => store.shardOf?.(name) ?? '';
      const names = all.filter((name) => shardOf(name) === shardOf(all[0]!));
      await store.compareAndSet(names.at(-1)!, '', { revision: 'last', value: '' }, LASTS_MS);
      const { stored, now, server } = await store.read(names);
      expect(stored.map((one) => one?.revision)).toEqual([...names.slice(1).map(() => undefined), 'last']);
      expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
      expect(typeof server).toBe('string');
    },
  },
  {
    name: 'forgets a record when its time is over',
    async run({ store }) {
      const name = newName();
      await store.compareAndSet(name, '', { revision: 'r1', value: '' }, 20);
      await eventually(async () => (await store.read([name])).stored[0] === undefined);
      expect(await store.compareAndSet(name, '', { revision: 'r1', value: '' }, LASTS_MS)).toMatchObject({ done: true });
    },
  },
  {
    name: 'keeps what processes say of themselves, as long as it lasts',
    async run({ store }) {
      const [lasting, passing] = [newName(), newName()];
      await store.announce(lasting, 'first', LASTS_MS);
      await store.announce(lasting, 'a b\u{1F4A5}', LASTS_MS);
      await store.announce(passing, '', 20);
      await eventually(async () => !(await store.members()).has(passing));
      expect((await store.members()).get(lasting)).toBe('a b\u{1F4A5}');
    },
  },
  {
    name: 'tells subscribers of writes and deletions, and of nothing else',
    async run({ store }) {
      if (store.subscribe === undefined) return;
      const name = newName();
      const heard: string[] = [];
      const end = store.subscribe((message) => {
        if (message.startsWith(name)) heard.push(message);
      });
      let revision = '';
      await eventually(async () => {
        const next = `${revision}r`;
        await store.compareAndSet(name, revision, { revision: next, value: '' }, LASTS_MS);
        revision = next;
        return heard.length > 0;
      });
      await store.compareAndSet(name, 'another', undefined, LASTS_MS);
      await store.compareAndSet(name, revision, undefined, LASTS_MS);
      await eventually(() => heard.at(-1) === `${name} `);
      expect(heard.at(-2)).toBe(`${name} ${revision}`);
      end();
      const before = heard.length;
      await store.compareAndSet(name, '', { revision: 'after', value: '' }, LASTS_MS);
      await store.read([name]);
      expect(heard).toHaveLength(before);
    },
  },
];

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
