import cluster from 'node:cluster';
import { clusterPrimary, clusterStore, type ClusterPrimary } from '../../../lib/fleet/cluster';
import type { Expected, FleetStore, Stored, Written } from '../../../lib/fleet';
import { eventually, TestWorker } from './support/workers';
import '../../support/real-work';

const stored = (revision: string, value = revision): Stored => ({ revision, value });
const write = (store: Pick<FleetStore, 'compareAndSet'>, name: string, revision: string, before = ''): Promise<Written> =>
  store.compareAndSet(name, expecting(before), stored(revision), 60_000);
/** The run of the primary that is there. */
let server: string;
const expecting = (revision = ''): Expected => ({ revision, server, notAfter: Number.MAX_SAFE_INTEGER });

let primary: ClusterPrimary;
const workers: TestWorker[] = [];

async function fork(): Promise<TestWorker> {
  const worker = await TestWorker.fork();
  workers.push(worker);
  return worker;
}

beforeEach(async () => {
  primary = clusterPrimary();
  ({ server } = await primary.read([]));
});

afterEach(async () => {
  primary.stop();
  for (const worker of workers.splice(0)) await worker.end();
});

describe('commands', () => {
  it.each(['json', 'advanced'] as const)('come to the same in a worker as in the primary: serialization %s', async (serialization) => {
    cluster.setupPrimary({ serialization });
    const worker = await fork();
    cluster.setupPrimary({ serialization: 'json' });
    const value = 'broken \u{1F4A5} \ud800';
    expect(await worker.compareAndSet('orders.load/eu', expecting(), stored('1', value))).toMatchObject({ done: true, server });
    expect((await primary.read(['orders.load/eu', 'other'])).stored).toEqual([stored('1', value), undefined]);
    expect(await worker.compareAndSet('orders.load/eu', expecting('0'), stored('2'))).toMatchObject({ done: false, stored: stored('1', value) });
  });

  it('of several workers and of the primary meet in one record', async () => {
    const [one, other] = await Promise.all([fork(), fork()]);
    expect(await write(one, 'orders.load', '1')).toMatchObject({ done: true });
    expect(await write(primary, 'orders.load', '2', '1')).toMatchObject({ done: true });
    expect(await write(other, 'orders.load', '3', '1')).toMatchObject({ done: false, stored: stored('2') });
    expect(primary.size).toBe(1);
  });

  it('are answered each by its own answer, however many are under way', async () => {
    const worker = await fork();
    const names = Array.from({ length: 100 }, (_, n) => `operation${n}`);
    await Promise.all(names.map((name, n) => (n % 3 === 0 ? write(worker, name, `${n}`) : worker.read(name))));
    const readings = await Promise.all(names.map((name) => worker.read(name)));
    expect(readings.map((reading) => reading.stored[0]?.revision)).toEqual(names.map((_, n) => (n % 3 === 0 ? `${n}` : undefined)));
  });
});

describe('writes', () => {
  it('are told to the workers that share breakers, and to the primary', async () => {
    const [one, other] = await Promise.all([fork(), fork()]);
    const heard: unknown[] = [];
    primary.subscribe((message) => heard.push(message));
    await Promise.all([one, other].map((worker) => worker.do({ kind: 'subscribe' })));
    await write(one, 'orders.load', '1');
    for (const worker of [one, other]) expect(await eventually(() => worker.do({ kind: 'heard' }), (it) => (it as unknown[]).length > 0)).toEqual(['orders.load 1']);
    expect(heard).toEqual(['orders.load 1']);
  });

  it('are not told to a worker that shares nothing', async () => {
    const [sharing, other] = await Promise.all([fork(), fork()]);
    await write(sharing, 'orders.load', '1');
    expect(await eventually(() => sharing.do({ kind: 'raw' }), (it) => (it as unknown[]).length === 2)).toHaveLength(2);
    expect(await other.do({ kind: 'raw' })).toEqual([]);
  });
});

describe('messages of others', () => {
  it('pass by, in both directions', async () => {
    const worker = await fork();
    const foreign = [{ id: '1', operation: 'read', asked: { names: ['x'] } }, { type: 'axm:monitor' }, { written: 'x 1' }, { answer: {} }];
    for (const message of foreign) {
      worker.send(message);
      await worker.do({ kind: 'send', message });
    }
    expect(await write(worker, 'other', '1')).toMatchObject({ done: true });
    expect(primary.size).toBe(1);
  });

  const asked = { name: 'x', expected: { revision: '', server: '', notAfter: 1e15 }, next: { revision: 'r', value: '' }, lastsMs: 1000 };

  it.each([
    ['without anything', {}, 'no such operation'],
    ['of an unknown operation', { operation: 'clear', asked }, 'no such operation'],
    ['of a name that every object has', { operation: 'constructor', asked }, 'no such operation'],
    ['without what is asked', { operation: 'read' }, 'must be an object'],
    ['with no names', { operation: 'read', asked: { names: 'x' } }, 'names: must be a list'],
    ['for a name that is none', { operation: 'read', asked: { names: [5] } }, 'names.0: must be a string'],
    ['for a name that is too long', { operation: 'compareAndSet', asked: { ...asked, name: 'x'.repeat(201) } }, 'name: must be a string of at most 200 characters'],
    ['with no time where one must be', { operation: 'compareAndSet', asked: { ...asked, lastsMs: null } }, 'lastsMs'],
    ['with a record of another shape', { operation: 'compareAndSet', asked: { ...asked, next: 'x' } }, 'next: must be an object'],
    ['with a record that is too long', { operation: 'announce', asked: { process: 'p', value: 'x'.repeat(100_001), lastsMs: 1 } }, 'value: must be a string of at most 100000 characters'],
    ['of another version', { breakerBoxStore: 1, operation: 'compareAndSet', asked }, 'The primary speaks version 2'],
  ])('that look like ours are refused, and leave nothing: %s', async (_what, message, error) => {
    const worker = await fork();
    await worker.do({ kind: 'send', message: { breakerBoxStore: 2, id: 'forged', ...message } });
    const [reply] = (await eventually(() => worker.do({ kind: 'raw' }), (it) => (it as unknown[]).length > 0)) as [unknown];
    expect(reply).toEqual({ breakerBoxStore: 2, id: 'forged', error: expect.stringContaining(error) });
    expect(primary.size).toBe(0);
    expect([...(await primary.members())]).toEqual([]);
    expect(await write(worker, 'x', '1')).toMatchObject({ done: true });
  });

  it('that look like answers end no command but the one they name', async () => {
    const worker = await fork();
    for (const message of [{ id: 'unknown', answer: {} }, { id: 7, error: 'x' }, { error: 'x' }, {}]) worker.send({ breakerBoxStore: 2, ...message });
    expect(await write(worker, 'x', '1')).toMatchObject({ done: true });
  });
});

describe('a worker', () => {
  it('that is killed with commands under way disturbs nobody', async () => {
    const [doomed, other] = await Promise.all([fork(), fork()]);
    await doomed.do({ kind: 'subscribe' });
    void doomed.do({ kind: 'burst', commands: 1000 });
    await doomed.end();
    expect(await write(other, 'orders.load', '1')).toMatchObject({ done: true });
  });

  it('that is disconnected learns that there is no store any more', async () => {
    const worker = await fork();
    primary.stop(); // so that a command is still under way then
    const output = worker.outputAtItsEnd();
    await worker.do({ kind: 'tell how commands end without a primary' });
    worker.worker.disconnect();
    expect(JSON.parse(await output)).toEqual({
      underWay: 'Error: The primary is not connected any more',
      afterwards: 'Error: The primary is not connected',
    });
  });

  it('that does not read is told of a bounded number of writes, and goes on when it reads again', async () => {
    const worker = await fork();
    await worker.do({ kind: 'subscribe' });
    worker.worker.process.kill('SIGSTOP');
    for (let round = 0; round < 20_000; round++) await write(primary, 'orders.load', `${round + 1}`, round === 0 ? '' : `${round}`);
    worker.worker.process.kill('SIGCONT');
    const heard = (await worker.do({ kind: 'heard' })) as unknown[];
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.length).toBeLessThan(10_000);
    expect((await worker.read('orders.load')).stored).toEqual([stored('20000')]);
    await write(primary, 'afterwards', '1');
    await eventually(() => worker.do({ kind: 'heard' }), (it) => (it as string[]).at(-1) === 'afterwards 1');
  });
});

describe('a primary', () => {
  it('that does not read is sent a bounded number of commands, and answers them when it reads again', async () => {
    const worker = await fork();
    await worker.read('x');
    const ends = worker.do({ kind: 'burst', commands: 20_000 }) as Promise<Record<string, number>>;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    const { answered, ...rejected } = await ends;
    expect(Object.keys(rejected)).toEqual(['Error: The primary does not read what it is sent']);
    expect(answered).toBeGreaterThan(0);
    expect(answered! + Object.values(rejected)[0]!).toBe(20_000);
    expect(await write(worker, 'x', '1')).toMatchObject({ done: true });
  });

  it('that keeps no store leaves commands unanswered: they reject, and say what is missing', async () => {
    const worker = await fork();
    primary.stop();
    await expect(worker.read('x')).rejects.toThrow('The primary has not answered within 5000 ms: has it called clusterPrimary()?');
  });

  it('that starts its store anew is another one', async () => {
    const worker = await fork();
    primary.stop();
    primary = clusterPrimary();
    const { server: after } = await primary.read([]);
    expect(after).not.toBe(server);
    expect(await write(worker, 'x', '1')).toMatchObject({ done: false, server: after });
  });

  it('keeps one store at a time', () => {
    expect(() => clusterPrimary()).toThrow('clusterPrimary: process: can have one at a time');
    primary.stop();
    primary = clusterPrimary();
    primary.stop();
    primary = clusterPrimary();
  });
});

describe('in the wrong process', () => {
  it('clusterStore says what the primary takes', () => {
    expect(() => clusterStore()).toThrow(
      "clusterStore: process: must be a worker of node:cluster; its primary takes clusterPrimary(), which is a store itself; received 'no worker'",
    );
  });

  it('clusterPrimary says what a worker takes', async () => {
    const worker = await fork();
    await expect(worker.do({ kind: 'become a primary' })).rejects.toThrow('must be the primary of node:cluster; a worker takes clusterStore()');
  });
});
