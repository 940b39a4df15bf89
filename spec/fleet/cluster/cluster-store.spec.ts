import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterPrimary, clusterStore, type ClusterPrimary } from '../../../lib/fleet/cluster';
import { memoryStore } from '../../../lib/fleet/memory-store';
import { FOREVER, type Answer, type Command, type SharedStore } from '../../../lib/fleet/shared-store';
import { eventually, TestWorker } from './support/workers';
import '../../support/real-work';

const sender = { seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 60_000, lease: 1 } as const;
const get = (process = 'a'): Command => ({ ...sender, process, kind: 'get' });
const forceOpen: Command = { ...sender, process: 'a', kind: 'force', act: 'override', override: { kind: 'forced_open', remaining: FOREVER, reason: 'broken \u{1F4A5}' } };
const close: Command = { ...sender, process: 'a', kind: 'force', act: 'close' };
const vote = (process: string, epoch = 0): Command => ({
  ...sender,
  process,
  seen: { ...sender.seen, epoch },
  kind: 'vote',
  lasts: 60_000,
  openFor: 0,
  quorum: { min: 1, ratio: 0 },
});

let primary: ClusterPrimary;
const workers: TestWorker[] = [];

async function fork(): Promise<TestWorker> {
  const worker = await TestWorker.fork();
  workers.push(worker);
  return worker;
}

beforeEach(() => {
  primary = clusterPrimary();
});

afterEach(async () => {
  primary.stop();
  for (const worker of workers.splice(0)) await worker.end();
});

describe('commands', () => {
  /** Each kind once that does something, with the epoch that the one before left. */
  const STEPS: readonly ((epoch: number) => Command)[] = [
    () => ({ ...get(), settings: '{"failureThreshold":5}', name: 'orders.load \u{1F4A5} \ud800' }),
    () => ({ ...get('b'), settings: '{"failureThreshold":6}' }),
    (epoch) => ({
      ...sender,
      process: 'a',
      seen: { ...sender.seen, epoch },
      kind: 'report',
      counts: { calls: 4, failures: 4, slow: 0, streak: 4 },
      limits: { failureThreshold: 5 },
      openFor: 0,
    }),
    (epoch) => ({
      ...sender,
      process: 'a',
      seen: { ...sender.seen, epoch },
      kind: 'report',
      counts: { calls: 1, failures: 1, slow: 0, streak: 1 },
      limits: { window: 'count', size: 10, minimumCalls: 1, failureRate: 0.5, slowRate: 1.1 },
      openFor: 0,
    }),
    () => ({ ...sender, process: 'a', kind: 'acquire', slot: 's1', probes: 1, successes: 2, lease: 60_000 }),
    () => ({ ...sender, process: 'a', kind: 'renew', slot: 's1', lease: 60_000 }),
    () => ({ ...sender, process: 'b', kind: 'acquire', slot: 's2', probes: 1, successes: 2, lease: 60_000 }),
    () => ({ ...sender, process: 'a', kind: 'result', slot: 's1', success: true, successes: 2, openFor: 0 }),
    () => ({ ...sender, process: 'b', kind: 'acquire', slot: 's3', probes: 1, successes: 2, lease: 60_000 }),
    () => ({ ...sender, process: 'b', kind: 'release', slot: 's3' }),
    () => ({ ...forceOpen, process: 'b' }),
    () => ({ ...sender, process: 'a', kind: 'force', act: 'clear' }),
    () => ({ ...sender, process: 'a', kind: 'force', act: 'reset' }),
    (epoch) => vote('b', epoch),
    () => close,
  ];

  async function answersOf(store: Pick<SharedStore, 'apply'>): Promise<Partial<Answer>[]> {
    const answers: Answer[] = [];
    for (const step of STEPS) {
      // The quarantine of a record that is new lasts a millisecond here.
      await sleep(3);
      answers.push(await store.apply('orders.load/eu', step(answers.at(-1)?.epoch ?? 0)));
    }
    return answers.map(({ epoch, now, wait, ...rest }) => ({ ...rest, epoch: epoch === 0 ? 0 : 1, now: Math.sign(now), wait: Math.sign(wait) }));
  }

  it.each(['json', 'advanced'] as const)('of every kind come to the same in a worker as in memory: serialization %s', async (serialization) => {
    cluster.setupPrimary({ serialization });
    const answers = await answersOf(await fork());
    cluster.setupPrimary({ serialization: 'json' });
    expect(answers).toEqual(await answersOf(memoryStore()));
    expect(answers.map(({ state }) => state)).toEqual([
      ...['closed', 'closed', 'closed', 'open'],
      ...['half_open', 'half_open', 'half_open', 'half_open', 'half_open', 'half_open', 'half_open', 'half_open'],
      ...['closed', 'open', 'closed'],
    ]);
  });

  it('of several workers and of the primary meet in one record', async () => {
    const [one, other] = await Promise.all([fork(), fork()]);
    await one.apply('orders.load', get('one'));
    await primary.apply('orders.load', get('primary'));
    expect(await other.apply('orders.load', vote('other'))).toMatchObject({ done: true, processes: 3 });
    expect(await one.apply('orders.load', get('one'))).toMatchObject({ state: 'open', processes: 3 });
    expect(primary.size).toBe(1);
  });

  it('are answered each by its own answer, however many are under way', async () => {
    const worker = await fork();
    const names = Array.from({ length: 100 }, (_, n) => `operation ${n}`);
    await Promise.all(names.map((name, n) => (n % 3 === 0 ? worker.apply(name, forceOpen) : worker.apply(name, get()))));
    const answers = await Promise.all(names.map((name) => worker.apply(name, get())));
    expect(answers.map(({ override }) => override?.kind)).toEqual(names.map((_, n) => (n % 3 === 0 ? 'forced_open' : undefined)));
  });
});

describe('changes', () => {
  it('are told to the workers that share breakers, and to the primary', async () => {
    const [one, other] = await Promise.all([fork(), fork()]);
    const heard: unknown[] = [];
    primary.subscribe((change) => heard.push(change));
    await Promise.all([one, other].map((worker) => worker.do({ kind: 'subscribe' })));
    const { epoch } = await one.apply('orders.load', vote('one'));
    const change = { v: 1, breaker: 'orders.load', epoch };
    for (const worker of [one, other]) expect(await eventually(() => worker.do({ kind: 'heard' }), (it) => (it as unknown[]).length > 0)).toEqual([change]);
    expect(heard).toEqual([change]);
  });

  it('of an override say so', async () => {
    const worker = await fork();
    await worker.do({ kind: 'subscribe' });
    await primary.apply('orders.load', forceOpen);
    await primary.apply('orders.load', { ...forceOpen, act: 'clear' });
    const heard = await eventually(() => worker.do({ kind: 'heard' }), (it) => (it as unknown[]).length === 2);
    expect(heard).toMatchObject([{ breaker: 'orders.load' }, { breaker: 'orders.load', override: true }]);
  });

  it('are not sent to a worker that shares nothing', async () => {
    const [sharing, other] = await Promise.all([fork(), fork()]);
    await sharing.apply('orders.load', vote('a'));
    expect(await eventually(() => sharing.do({ kind: 'raw' }), (it) => (it as unknown[]).length === 2)).toHaveLength(2);
    expect(await other.do({ kind: 'raw' })).toEqual([]);
  });
});

describe('messages of others', () => {
  it('pass by, in both directions', async () => {
    const worker = await fork();
    const foreign = [{ id: '1', breaker: 'orders.load', command: get() }, { type: 'axm:monitor' }, { change: { v: 1 } }, { answer: {} }];
    for (const message of foreign) {
      worker.send(message);
      await worker.do({ kind: 'send', message });
    }
    expect(await worker.apply('other', get())).toMatchObject({ done: true });
    expect(primary.size).toBe(1);
  });

  it.each([
    ['without a command', { breaker: 'x' }, 'command: is required'],
    ['of an unknown kind', { breaker: 'x', command: { ...get(), kind: 'drop' } }, 'command: must be a command'],
    ['with no number where one must be', { breaker: 'x', command: { ...get(), lease: null } }, 'command.lease'],
    ['with a wrong override', { breaker: 'x', command: { ...forceOpen, override: { kind: 'ajar', remaining: 1 } } }, 'command.override.kind'],
    ['for a name that is none', { breaker: 5, command: get() }, 'breaker'],
    ['for a name that is too long', { breaker: 'x'.repeat(201), command: get() }, 'breaker'],
    ['of another version', { breakerBoxStore: 2, breaker: 'x', command: get() }, 'The primary speaks version 1'],
  ])('that look like ours are refused, and leave nothing: %s', async (_what, message, error) => {
    const worker = await fork();
    await worker.do({ kind: 'send', message: { breakerBoxStore: 1, id: 'forged', ...message } });
    const [reply] = (await eventually(() => worker.do({ kind: 'raw' }), (it) => (it as unknown[]).length > 0)) as [unknown];
    expect(reply).toEqual({ breakerBoxStore: 1, id: 'forged', error: expect.stringContaining(error) });
    expect(primary.size).toBe(0);
    expect(await worker.apply('x', get())).toMatchObject({ done: true, state: 'closed' });
  });

  it('that look like answers end no command but the one they name', async () => {
    const worker = await fork();
    for (const message of [{ id: 'unknown', answer: {} }, { id: 7, error: 'x' }, { error: 'x' }, {}]) worker.send({ breakerBoxStore: 1, ...message });
    expect(await worker.apply('x', get())).toMatchObject({ done: true });
  });
});

describe('a worker', () => {
  it('that is killed with commands under way disturbs nobody', async () => {
    const [doomed, other] = await Promise.all([fork(), fork()]);
    await doomed.do({ kind: 'subscribe' });
    void doomed.do({ kind: 'burst', commands: 1000, command: forceOpen });
    await eventually(() => primary.size, (size) => size > 0);
    await doomed.end();
    expect(await other.apply('orders.load', vote('other'))).toMatchObject({ done: true, state: 'open' });
  });

  it('that is disconnected learns that there is no store any more', async () => {
    const worker = await fork();
    primary.stop(); // so that a command is still under way then
    const output = worker.outputAtItsEnd();
    await worker.do({ kind: 'tell how commands end without a primary', command: get() });
    worker.worker.disconnect();
    expect(JSON.parse(await output)).toEqual({
      underWay: 'Error: The primary is not connected any more',
      afterwards: 'Error: The primary is not connected',
    });
  });

  it('that does not read is sent a bounded number of changes, and goes on when it reads again', async () => {
    const worker = await fork();
    await worker.do({ kind: 'subscribe' });
    worker.worker.process.kill('SIGSTOP');
    for (let round = 0; round < 20_000; round++) await primary.apply('orders.load', close);
    worker.worker.process.kill('SIGCONT');
    const heard = (await worker.do({ kind: 'heard' })) as unknown[];
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.length).toBeLessThan(10_000);
    expect(await worker.apply('orders.load', get())).toMatchObject({ done: true });
    await primary.apply('afterwards', forceOpen);
    await eventually(() => worker.do({ kind: 'heard' }), (it) => (it as { breaker: string }[]).at(-1)?.breaker === 'afterwards');
  });
});

describe('a primary', () => {
  it('that does not read is sent a bounded number of commands, and answers them when it reads again', async () => {
    const worker = await fork();
    await worker.apply('x', get());
    const ends = worker.do({ kind: 'burst', commands: 20_000, command: get() }) as Promise<Record<string, number>>;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    const { answered, ...rejected } = await ends;
    expect(Object.keys(rejected)).toEqual(['Error: The primary does not read what it is sent']);
    expect(answered).toBeGreaterThan(0);
    expect(answered! + Object.values(rejected)[0]!).toBe(20_000);
    expect(await worker.apply('x', get())).toMatchObject({ done: true });
  });

  it('that keeps no store leaves commands unanswered: they reject, and say what is missing', async () => {
    const worker = await fork();
    primary.stop();
    await expect(worker.apply('x', get())).rejects.toThrow('The primary has not answered within 5000 ms: has it called clusterPrimary()?');
  });

  it('that starts its store anew takes the state from its workers', async () => {
    const worker = await fork();
    const { epoch } = await worker.apply('x', vote('a'));
    primary.stop();
    primary = clusterPrimary();
    const seen = { epoch, state: 'open', remaining: 30_000, reopenings: 2 } as const;
    expect(await worker.apply('x', { ...get(), seen })).toMatchObject({ restored: true, state: 'open', reopenings: 2 });
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
