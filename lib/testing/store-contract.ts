import { systemClock } from '../core/clock';
import { systemRandom } from '../core/random';
import type { Expected, FleetStore, Reading, Stored, Written } from '../fleet/store';

/** A store that the contract is held against. */
export interface StoreSubject {
  readonly store: FleetStore;
  /** Lets time pass by the store's clock. @defaultValue waits so long, in real time */
  readonly advance?: ((ms: number) => void | Promise<void>) | undefined;
}

/** One thing that every {@link FleetStore} does. */
export interface StoreCheck {
  readonly name: string;
  /** Rejects, with what is not so, when the store does not. Checks run in any order, also on one store, and leave records that are forgotten by themselves. */
  run(subject: StoreSubject): Promise<void>;
}

/** Long enough that a slow machine does not reach it by chance, short enough to wait for. */
const SHORT_MS = 800;
const LONG_MS = 60_000;

/** Text that must come back as it was. */
const TEXTS = ['', 'plain', '{"a":[1,"\\""]}', "'\\'\n\t", 'é 😀 \u2028', ' leading and trailing ', 'x'.repeat(100_000)];

/** One record that no other check has, and the time of its store. */
class Contest {
  readonly name = freshName();

  constructor(private readonly subject: StoreSubject) {}

  get store(): FleetStore {
    return this.subject.store;
  }

  /** @param expected - The revision alone, or what else must hold. */
  async write(expected: string | Partial<Expected>, next: Stored | undefined, name = this.name, lastsMs = LONG_MS): Promise<Written> {
    const { now, server } = await this.read(name);
    const { revision = '', ...others } = typeof expected === 'string' ? { revision: expected } : expected;
    return this.store.compareAndSet(name, { revision, server, notAfter: now + LONG_MS, ...others }, next, lastsMs);
  }

  async set(expected: string, revision: string | undefined, { name = this.name, value = `value ${revision}`, lastsMs = LONG_MS } = {}): Promise<boolean> {
    const { done, stored } = await this.write(expected, revision === undefined ? undefined : { revision, value }, name, lastsMs);
    if (done) same('what is there instead of what was written', stored, undefined);
    return done;
  }

  read(name = this.name): Promise<Reading> {
    return this.store.read([name]);
  }

  async get(name?: string): Promise<Stored | undefined> {
    return (await this.read(name)).stored[0];
  }

  async passes(ms: number): Promise<void> {
    if (this.subject.advance !== undefined) return this.subject.advance(ms);
    await realTime(ms);
  }
}

const CHECKS: { readonly [name: string]: (contest: Contest) => Promise<void> } = {
  async 'gives back what was written, whatever the text, and nothing where nothing was'(contest) {
    same('the record', await contest.get(), undefined);
    let revision = '';
    for (const [n, value] of TEXTS.entries()) {
      same(`text ${n} is written`, await contest.set(revision, `r${n}`, { value }), true);
      revision = `r${n}`;
      same(`text ${n}`, await contest.get(), { revision, value });
    }
  },

  async 'writes nothing where the revision is another one, and tells what is there'(contest) {
    const next = { revision: 'r2', value: 'b' };
    same('nothing is there', (await contest.write('r0', next)).done, false);
    await contest.set('', 'r1', { value: 'a' });
    for (const expected of ['', 'r', 'r10', 'R1']) {
      const { done, stored } = await contest.write(expected, next);
      same(`'${expected}' is expected: done, and what is there`, { done, stored }, { done: false, stored: { revision: 'r1', value: 'a' } });
    }
    same('the record', await contest.get(), { revision: 'r1', value: 'a' });
  },

  async 'writes nothing that comes too late, or was meant for another run of the server'(contest) {
    await contest.set('', 'r1');
    const { now } = await contest.read();
    for (const wrong of [{ notAfter: now - 1 }, { server: 'another' }]) {
      const { done, stored } = await contest.write({ revision: 'r1', ...wrong }, { revision: 'r2', value: '' });
      same(`${JSON.stringify(wrong)} is expected: done, and what is there`, { done, stored: stored?.revision }, { done: false, stored: 'r1' });
    }
    for (const wrong of [{ notAfter: now - 1 }, { server: 'another' }]) {
      same(`where nothing is, ${JSON.stringify(wrong)} is expected: done`, (await contest.write(wrong, { revision: 'r1', value: '' }, `${contest.name} new`)).done, false);
    }
    same('at its last moment', (await contest.write({ revision: 'r1', notAfter: now + SHORT_MS }, { revision: 'r2', value: '' })).done, true);
  },

  async 'deletes where the revision is the expected one'(contest) {
    await contest.set('', 'r1');
    same('another revision', await contest.set('r0', undefined), false);
    same('the revision', await contest.set('r1', undefined), true);
    same('the record', await contest.get(), undefined);
    same('it can be written again', await contest.set('', 'r2'), true);
  },

  async 'lets one of many writers win'(contest) {
    let revision = '';
    for (const round of ['first', 'second']) {
      const done = await Promise.all(Array.from({ length: 20 }, (_, n) => contest.set(revision, `${round}${n}`)));
      same(`writers that won the ${round} round`, done.filter(Boolean).length, 1);
      revision = `${round}${done.indexOf(true)}`;
      same('the record', (await contest.get())?.revision, revision);
    }
  },

  async 'forgets a record when its time is over, and not before'(contest) {
    const longest = freshName();
    await contest.set('', 'r1', { name: longest, lastsMs: 1e15 });
    await contest.set('', 'r1', { lastsMs: SHORT_MS });
    await contest.passes(SHORT_MS / 2);
    same('before', (await contest.get())?.revision, 'r1');
    await contest.set('r1', 'r2', { lastsMs: SHORT_MS });
    await contest.passes(SHORT_MS * 0.75);
    same('written again', (await contest.get())?.revision, 'r2');
    await contest.passes(SHORT_MS / 2);
    same('after', await contest.get(), undefined);
    same('is written as if it had never been', await contest.set('', 'r3'), true);
    same('what lasts longest', (await contest.get(longest))?.revision, 'r1');
    await contest.set('r1', undefined, { name: longest });
  },

  async 'reads many records of a shard at once, in the order of their names'(contest) {
    const { store } = contest;
    const all = Array.from({ length: 100 }, (_, n) => `${contest.name}-${n}`);
    const names = all.filter((name) => store.shardOf?.(name) === store.shardOf?.(all[0]!));
    const written = names.filter((_, n) => n % 2 === 0);
    for (const name of written) await contest.set('', 'r1', { name, value: name });
    const read = [...names, names[0]!].reverse();
    const { stored } = await store.read(read);
    same('the values', stored.map((one) => one?.value), read.map((name) => (written.includes(name) ? name : undefined)));
  },

  async 'keeps records apart, whatever their names'(contest) {
    const { store } = contest;
    const names = ['a', 'A', 'a/b', 'a%2Fb', "a-_.!~*'()%2F=/", '(a)', '%uD800', 'x'.repeat(200 - contest.name.length)].map((name) => `${contest.name}${name}`);
    for (const name of names) same(`${name} is written`, await contest.set('', 'r1', { name, value: name }), true);
    for (const name of names) {
      same(name, (await contest.get(name))?.value, name);
      same('the shard of a name', store.shardOf?.(name), store.shardOf?.(name));
    }
  },

  async 'tells its time and the run of its server with every answer'(contest) {
    const first = await contest.read();
    const written = await contest.write('', { revision: 'r1', value: '' });
    const refused = await contest.write('', { revision: 'r2', value: '' });
    await contest.passes(SHORT_MS);
    const last = await contest.read();
    same('the server', [written.server, refused.server, last.server], [first.server, first.server, first.server]);
    for (const [earlier, later] of [[first, written], [written, refused], [refused, last]] as const) expect('time goes on', later.now >= earlier.now);
    expect('it is counted in milliseconds', last.now - first.now >= SHORT_MS * 0.9 && last.now - first.now < SHORT_MS * 20);
  },

  async 'knows what processes say of themselves, as long as it lasts'(contest) {
    const { store } = contest;
    const [one, other, short] = ['pod-1 "a"', 'pod-2', 'pod-3'].map((name) => `${contest.name} ${name}`) as [string, string, string];
    const said = async (process: string) => (await store.members()).get(process);
    for (const value of ['first', ...TEXTS.slice(0, 6)]) {
      await store.announce(one, value, LONG_MS);
      same('what it says', await said(one), value);
    }
    await store.announce(other, 'b', SHORT_MS);
    await store.announce(short, 'c', SHORT_MS);
    await contest.passes(SHORT_MS / 2);
    await store.announce(other, 'b', SHORT_MS);
    await contest.passes(SHORT_MS * 0.75);
    same('what is said again lasts', await said(other), 'b');
    same('what is not said again', await said(short), undefined);
    await store.announce(one, 'bye', 1);
  },

  async 'tells subscribers of writes, and of nothing else'(contest) {
    const { store, name } = contest;
    const heard: string[] = [];
    const end = store.subscribe?.((message) => {
      if (message.startsWith(`${name} `)) heard.push(message.slice(name.length + 1));
    });
    if (end === undefined) return;
    try {
      // A subscription may take its time: what is told before it is there is lost.
      let revision = '';
      for (let tries = 0; tries < 20 && heard.length === 0; tries++) {
        await contest.set(revision, `try${tries}`);
        revision = `try${tries}`;
        await until(() => heard.length > 0, 200);
      }
      same('the first that is heard', heard, [revision]);
      await contest.set('another', 'refused');
      await contest.get();
      await contest.set(revision, 'r1');
      await contest.set('r1', undefined);
      await until(() => heard.length >= 3, 3000);
      same('what is heard', heard, [revision, 'r1', '']);
    } finally {
      end();
    }
    await contest.set('', 'r2');
    await realTime(100);
    same('what is heard after the end', heard.length, 3);
  },
};

function freshName(): string {
  return `contract-${Math.floor(systemRandom() * 1e15).toString(36)}`;
}

function realTime(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.setTimeout(resolve, ms);
  });
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  for (let waits = 0; waits < withinMs / 10 && !holds(); waits++) await realTime(10);
}

function same(what: string, actual: unknown, expected: unknown): void {
  const [given, wanted] = [actual, expected].map((value) => String(JSON.stringify(value)));
  expect(`${what} should be ${wanted?.slice(0, 200)}, and is ${given?.slice(0, 200)}`, given === wanted);
}

function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

/**
 * What every {@link FleetStore} does: for the tests of a store of your own, with any runner. Some checks take a second or two where time is real.
 *
 * @example for (const { name, run } of storeContract) test(name, () => run({ store: myStore(...) }));
 */
export const storeContract: readonly StoreCheck[] = Object.entries(CHECKS).map(([name, check]) => ({
  name,
  run: (subject) => check(new Contest(subject)),
}));
