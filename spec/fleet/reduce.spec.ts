import fc from 'fast-check';
import { RETENTION_MS } from '../../lib/fleet/reduce';
import { FOREVER, STALE_MS, type Answer } from '../../lib/fleet/shared-store';
import { ALIVE, ANY, LEASE, ReducedStore, type Act, type Sender } from './support/reduced-store';
import { runs } from '../support/runs';

const MOST = { min: 2, ratio: 0.5 };
const TWO_PROBES = { probes: 2, successes: 2 };

let store: ReducedStore;
let a: Sender;
let b: Sender;
let c: Sender;

beforeEach(() => {
  store = new ReducedStore();
  [a, b, c] = [store.process('a'), store.process('b'), store.process('c')];
  // What is new is quarantined.
  for (const process of [a, b, c]) process.get();
  store.passes(LEASE);
});

/** Open, known to all, and due. */
function openAndDue(): void {
  a.vote(ANY);
  for (const process of [b, c]) process.get();
  store.passes(100);
}

/** Half open, with one probe of a process, or one of each of several. */
function probedBy(...processes: Sender[]): void {
  openAndDue();
  for (const process of processes) expect(process.acquire(process.name, TWO_PROBES)).toMatchObject({ state: 'half_open', done: true });
}

describe('a server that takes over with older records', () => {
  it('gives no slot for a lease: one that it does not know may be in use', () => {
    openAndDue();
    const older = store.record;
    expect(a.acquire('a')).toMatchObject({ state: 'half_open', done: true });
    store.record = older;
    store.server = 'replica';
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: LEASE });
    store.passes(LEASE - 1);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 1 });
    store.passes(1);
    expect(b.acquire('b')).toMatchObject({ state: 'half_open', done: true });
    expect(a.renew('a')).toMatchObject({ done: false });
  });

  it('does so once', () => {
    openAndDue();
    store.server = 'replica';
    a.acquire('a');
    store.passes(LEASE);
    expect(a.acquire('a')).toMatchObject({ state: 'half_open', done: true });
    a.send({ kind: 'release', slot: 'a' });
    expect(a.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });
});

describe('a vote', () => {
  it('opens when as many of the live processes have voted as the quorum asks for', () => {
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', done: true, votes: 1, processes: 3 });
    expect(b.vote(MOST, { openFor: 300 })).toMatchObject({ state: 'open', done: true, votes: 0, remaining: 300, reopenings: 0 });
    expect(store.told).toBe('epoch');
  });

  it('counts once, however often it is sent', () => {
    a.vote(MOST);
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', votes: 1 });
  });

  it('is enough where only its process is alive', () => {
    store.passes(ALIVE);
    expect(a.vote(MOST)).toMatchObject({ state: 'open', processes: 1 });
  });

  it('is not enough where others may be alive whom the store has lost', () => {
    store.loses();
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', done: true, processes: 1, votes: 1 });
    store.passes(LEASE - 1);
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', processes: 1 });
    store.passes(1);
    expect(a.vote(MOST)).toMatchObject({ state: 'open', processes: 1 });
  });

  it.each([
    [0.5, 'closed'],
    [1 / 3, 'open'],
  ])('rounds its share of the processes up: %p of 3, with one vote, is %s', (ratio, state) => {
    expect(a.vote({ min: 1, ratio })).toMatchObject({ state });
  });

  it('does not need one more for the rounding of a product', () => {
    for (const n of [1, 2, 3, 4]) store.process(`more ${n}`).get();
    for (const process of [a, b, c]) process.get();
    const ratio = 3 / 7 + 1e-16;
    expect(7 * ratio).toBeGreaterThan(3);
    a.vote({ min: 1, ratio });
    b.vote({ min: 1, ratio });
    expect(c.vote({ min: 1, ratio })).toMatchObject({ state: 'open', processes: 7 });
  });

  it('of a process that is dead does not count', () => {
    a.alive = 500;
    a.vote({ min: 3, ratio: 0 });
    expect(b.get()).toMatchObject({ votes: 1, processes: 3 });
    store.passes(ALIVE - LEASE - 1);
    expect(b.vote({ min: 2, ratio: 0 }, { lasts: 60_000 })).toMatchObject({ state: 'closed', votes: 1, processes: 2 });
  });

  it('counts as long as it lasts', () => {
    a.vote(MOST, { lasts: 50 });
    store.passes(50);
    expect(b.vote(MOST)).toMatchObject({ state: 'closed', votes: 1 });
  });

  it('of another epoch does not count', () => {
    a.vote(ANY);
    b.forces('close');
    const late = c.send({ kind: 'vote', lasts: 5000, openFor: 100, quorum: ANY });
    expect(late).toMatchObject({ state: 'closed', done: false });
  });

  it('changes nothing while it is open', () => {
    const { epoch } = a.vote(ANY);
    expect(a.vote(ANY, { openFor: 9000 })).toMatchObject({ epoch, done: false, remaining: 100 });
  });

  it('is forgotten when the epoch changes', () => {
    a.vote(MOST);
    c.forces('close');
    b.get();
    expect(b.vote(MOST)).toMatchObject({ state: 'closed', votes: 1 });
  });
});

describe('a report', () => {
  const streak = { failureThreshold: 3 };

  it('opens on failures in a row, over all processes', () => {
    expect(a.report({ calls: 2, failures: 2, streak: 2 }, streak)).toMatchObject({ state: 'closed', done: true });
    expect(b.report({ calls: 1, failures: 1, streak: 1 }, streak)).toMatchObject({ state: 'open', remaining: 100 });
  });

  it('that ends in a success begins a new row', () => {
    a.report({ calls: 2, failures: 2, streak: 2 }, streak);
    b.report({ calls: 3, failures: 2, streak: 0 }, streak);
    expect(a.report({ calls: 2, failures: 2, streak: 2 }, streak)).toMatchObject({ state: 'closed' });
    expect(a.report({ calls: 1, failures: 1, streak: 1 }, streak)).toMatchObject({ state: 'open' });
  });

  it('of a success that failures followed goes on with the row: when it was, between what others failed, is not known', () => {
    a.report({ calls: 1, failures: 1, streak: 1 }, streak);
    expect(b.report({ calls: 3, failures: 2, streak: 2 }, streak)).toMatchObject({ state: 'open' });
  });

  const rate = (window: 'count' | 'time', size: number) =>
    ({ window, size, minimumCalls: 10, failureRate: 0.5, slowRate: 0.8 }) as const;

  it('opens on the rate of failures of a window, once there are enough calls', () => {
    expect(a.report({ calls: 9, failures: 9 }, rate('count', 100))).toMatchObject({ state: 'closed' });
    expect(b.report({ calls: 1 }, rate('count', 100))).toMatchObject({ state: 'open' });
  });

  it('opens on the rate of slow calls', () => {
    expect(a.report({ calls: 10, slow: 7 }, rate('time', 1000))).toMatchObject({ state: 'closed' });
    expect(b.report({ calls: 10, slow: 9 }, rate('time', 1000))).toMatchObject({ state: 'open' });
  });

  it('leaves a time window when it is too old', () => {
    a.report({ calls: 9, failures: 9 }, rate('time', 1000));
    store.passes(1000);
    expect(b.report({ calls: 10, failures: 1 }, rate('time', 1000))).toMatchObject({ state: 'closed' });
  });

  it('leaves a count window when newer calls fill it', () => {
    a.report({ calls: 9, failures: 9 }, rate('count', 20));
    a.report({ calls: 20 }, rate('count', 20));
    expect(b.report({ calls: 10, failures: 9 }, rate('count', 20))).toMatchObject({ state: 'closed' });
  });

  it('of another epoch does not count', () => {
    b.forces('close');
    expect(a.report({ calls: 3, failures: 3, streak: 3 }, streak)).toMatchObject({ state: 'closed', done: false });
  });

  it('is forgotten when the epoch changes', () => {
    a.report({ calls: 2, failures: 2, streak: 2 }, streak);
    b.forces('close');
    b.report({ calls: 2, failures: 2, streak: 2 }, streak);
    expect(store.record?.streak).toBe(2);
  });
});

describe('a request for a slot', () => {
  it('gets none while it is closed', () => {
    expect(a.acquire('a')).toMatchObject({ state: 'closed', done: false, wait: 0 });
  });

  it('gets none before the open time is over, and is told how long that is', () => {
    a.vote(ANY);
    store.passes(40);
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: 60 });
  });

  it('makes it half open when the open time is over', () => {
    openAndDue();
    const { epoch } = a.seen;
    const answer = a.acquire('a');
    expect(answer).toMatchObject({ state: 'half_open', done: true, remaining: 0 });
    expect(answer.epoch).toBeGreaterThan(epoch);
    expect(store.told).toBe('epoch');
  });

  it('gets one of as many as may probe at once; the others are told when the first one runs out', () => {
    openAndDue();
    a.acquire('a', TWO_PROBES);
    store.passes(10);
    b.acquire('b', TWO_PROBES);
    expect(c.acquire('c', TWO_PROBES)).toMatchObject({ state: 'half_open', done: false, wait: LEASE - 10 });
  });

  it('gets one only as long as successes are needed that no other probe may bring', () => {
    openAndDue();
    a.acquire('a', { probes: 5, successes: 2 });
    a.succeeds('a', 2);
    expect(b.acquire('b', { probes: 5, successes: 2 })).toMatchObject({ done: true });
    expect(c.acquire('c', { probes: 5, successes: 2 })).toMatchObject({ done: false });
  });

  it('for a slot that is held holds it again', () => {
    probedBy(a);
    store.passes(LEASE - 1);
    expect(a.acquire('a')).toMatchObject({ done: true });
    store.passes(LEASE - 1);
    expect(store.record?.leases.has('a')).toBe(true);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 1 });
  });

  it('gets the slot of a prober that died when its lease is over, and not before', () => {
    probedBy(a);
    store.passes(LEASE - 1);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 1 });
    store.passes(1);
    expect(b.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });

  it('gets none of a record that is new for a lease', () => {
    store.loses();
    a.vote(ANY, { openFor: 0 });
    expect(a.acquire('a')).toMatchObject({ done: false, wait: LEASE });
    store.passes(LEASE);
    expect(a.acquire('a')).toMatchObject({ done: true });
  });
});

describe('a slot', () => {
  it('lasts another lease when it is renewed', () => {
    probedBy(a);
    store.passes(LEASE - 1);
    expect(a.renew('a')).toMatchObject({ done: true });
    store.passes(LEASE - 1);
    expect(a.renew('a')).toMatchObject({ done: true });
  });

  it('that has run out, or was taken away, cannot be renewed', () => {
    probedBy(a, b);
    a.fails('a');
    expect(b.renew('b')).toMatchObject({ state: 'open', done: false });
    store.passes(LEASE);
    c.acquire('c');
    store.passes(LEASE);
    expect(c.renew('c')).toMatchObject({ state: 'half_open', done: false });
  });

  it('that is given back is free', () => {
    probedBy(a);
    expect(a.release('a')).toMatchObject({ done: true, state: 'half_open' });
    expect(a.release('a')).toMatchObject({ done: false });
    expect(b.acquire('b')).toMatchObject({ done: true });
  });
});

describe('a result', () => {
  it('that is a failure opens it again, and counts the reopening', () => {
    probedBy(a);
    expect(a.fails('a', 200)).toMatchObject({ state: 'open', done: true, remaining: 200, reopenings: 1 });
    store.passes(200);
    b.acquire('b');
    expect(b.fails('b', 400)).toMatchObject({ state: 'open', remaining: 400, reopenings: 2 });
  });

  it('that is the last success that was needed closes it, and begins the count of reopenings anew', () => {
    probedBy(a);
    a.fails('a', 0);
    b.acquire('b', TWO_PROBES);
    a.acquire('a2', TWO_PROBES);
    expect(b.succeeds('b', 2)).toMatchObject({ state: 'half_open', done: true, reopenings: 1 });
    expect(a.succeeds('a2', 2)).toMatchObject({ state: 'closed', done: true, reopenings: 0, remaining: 0 });
  });

  it('counts once, however often it is sent', () => {
    probedBy(a);
    a.succeeds('a', 3);
    expect(a.succeeds('a', 3)).toMatchObject({ state: 'half_open', done: false });
    expect(store.record?.successes).toBe(1);
  });

  it('without its slot changes nothing: it has run out', () => {
    probedBy(a);
    store.passes(LEASE);
    expect(a.fails('a')).toMatchObject({ state: 'half_open', done: false });
  });

  it('without its slot changes nothing: it was of another epoch', () => {
    probedBy(a, b);
    a.fails('a', 0);
    store.passes(LEASE);
    const { epoch } = c.acquire('c');
    expect(b.succeeds('b')).toMatchObject({ epoch, state: 'half_open', done: false });
    expect(store.record?.successes).toBe(0);
  });

  it('quarantines slots that it takes away until they would have run out', () => {
    probedBy(a, b);
    store.passes(10);
    a.fails('a', 0);
    expect(c.acquire('c')).toMatchObject({ state: 'open', done: false, wait: LEASE - 10 });
    store.passes(LEASE - 10);
    expect(c.acquire('c')).toMatchObject({ state: 'half_open', done: true });
  });

  it('does not quarantine its own slot', () => {
    probedBy(a);
    a.fails('a', 0);
    expect(b.acquire('b')).toMatchObject({ done: true });
  });
});

describe('a store that has lost the state', () => {
  it('takes it from a process that has confirmed it, under the same epoch', () => {
    a.vote(ANY, { openFor: 5000 });
    const { epoch } = a.seen;
    store.loses();
    expect(a.send({ kind: 'get' }, { ...a.seen, remaining: 700, reopenings: 3 })).toMatchObject({
      epoch, state: 'open', remaining: 700, reopenings: 3, restored: true,
    });
    expect(store.told).toBe('epoch');
    expect(b.get()).toMatchObject({ epoch, state: 'open', restored: false });
  });

  it('takes the newest: whoever knows a newer one replaces what an older one has restored', () => {
    const old = { ...a.seen };
    a.vote(ANY, { openFor: 5000 });
    const { epoch } = a.seen;
    c.forces('close');
    store.loses();
    expect(a.get()).toMatchObject({ epoch, state: 'open', restored: true });
    expect(c.get()).toMatchObject({ epoch: c.seen.epoch, state: 'closed', restored: true });
    expect(b.send({ kind: 'get' }, old)).toMatchObject({ state: 'closed', restored: false });
  });

  it('has one that was half open open again, due, under a new epoch', () => {
    probedBy(a);
    const { epoch } = a.seen;
    store.loses();
    const restored = a.renew('a');
    expect(restored).toMatchObject({ state: 'open', remaining: 0, restored: true, done: false });
    expect(restored.epoch).toBeGreaterThan(epoch);
  });

  it('gives no slot for a lease, as probes that it has lost may run', () => {
    probedBy(a);
    store.loses();
    store.passes(10);
    expect(b.acquire('b')).toMatchObject({ state: 'open', restored: true, done: false, wait: LEASE });
    store.passes(LEASE - 1);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 1 });
    store.passes(1);
    expect(b.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });

  it('restores and carries out in one: a vote for the restored epoch counts', () => {
    b.forces('close');
    store.loses();
    expect(b.vote(ANY)).toMatchObject({ state: 'open', restored: true, done: true });
  });

  it('gives no slot for a lease either when it has an older state, as a replica that was behind', () => {
    openAndDue();
    const older = store.record;
    a.acquire('a');
    store.record = older;
    expect(a.renew('a')).toMatchObject({ state: 'open', restored: true, done: false });
    expect(b.acquire('b')).toMatchObject({ done: false, wait: LEASE });
  });

  it('takes the override as well, with what is left of it', () => {
    a.lays({ kind: 'disabled', remaining: 5000, reason: 'deploy' });
    store.loses();
    expect(a.get()).toMatchObject({ override: { kind: 'disabled', remaining: 5000, reason: 'deploy' }, restored: true });
  });

  it('gives epochs that were not there before the loss', () => {
    probedBy(a);
    const { epoch } = a.seen;
    store.loses();
    store.passes(1);
    const stranger = store.process('stranger');
    expect(stranger.vote(ANY).epoch).toBeGreaterThan(epoch);
    expect(a.get()).toMatchObject({ state: 'open', restored: false });
  });
});

describe('an override', () => {
  it('lies over it until its time is over, and the state beneath goes on', () => {
    const { epoch } = a.lays({ kind: 'forced_open', remaining: 500 });
    expect(epoch).toBeGreaterThan(0);
    expect(b.get()).toMatchObject({ epoch, state: 'closed', override: { kind: 'forced_open', remaining: 500 } });
    store.passes(499);
    expect(b.vote(ANY)).toMatchObject({ state: 'open', override: { remaining: 1 } });
    store.passes(1);
    expect(b.get().override).toBeUndefined();
  });

  it('is told to subscribers, where the epoch stays as well', () => {
    b.forces('close');
    a.lays({ kind: 'shadow', remaining: FOREVER });
    expect(store.told).toBe('override');
    a.forces('clear');
    expect(store.told).toBe('override');
    a.get();
    expect(store.told).toBeUndefined();
  });

  it('lasts forever when it is said to', () => {
    a.lays({ kind: 'forced_open', remaining: FOREVER });
    store.passes(1e12);
    expect(b.get()).toMatchObject({ override: { kind: 'forced_open', remaining: FOREVER } });
  });

  it.each(['clear', 'close', 'reset'] as const)('is taken away by %s', (act) => {
    a.lays({ kind: 'forced_open', remaining: FOREVER });
    expect(b.forces(act).override).toBeUndefined();
  });
});

describe('an operator', () => {
  it('who clears an override leaves the state as it is', () => {
    a.vote(ANY, { openFor: 5000 });
    const { epoch } = a.seen;
    a.lays({ kind: 'disabled', remaining: FOREVER });
    expect(a.forces('clear')).toMatchObject({ epoch, state: 'open' });
  });

  it.each([
    ['close', false],
    ['reset', true],
  ] as const)('closes it by %s, in a new epoch; that it was a reset: %s', (act, reset) => {
    probedBy(a);
    const { epoch } = a.seen;
    const closed = b.forces(act);
    expect(closed).toMatchObject({ state: 'closed', reset, remaining: 0, reopenings: 0 });
    expect(closed.epoch).toBeGreaterThan(epoch);
    expect(b.vote(ANY, { openFor: 0 })).toMatchObject({ state: 'open', reset: false });
  });

  it('who closes it while a probe runs has its slot quarantined', () => {
    probedBy(a);
    b.forces('close');
    b.vote(ANY, { openFor: 0 });
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: LEASE });
  });
});

describe('a command that lay in a queue', () => {
  const sentAt = (age: number): number => store.nowMs - age;

  it.each<[string, () => Act]>([
    ['vote', () => ({ kind: 'vote', lasts: 5000, openFor: 100, quorum: ANY, at: sentAt(STALE_MS + 1) })],
    ['report', () => ({
      kind: 'report', counts: { calls: 1, failures: 1, slow: 0, streak: 1 }, limits: { failureThreshold: 1 }, openFor: 100, at: sentAt(STALE_MS + 1),
    })],
    ['force', () => ({ kind: 'force', act: 'override', override: { kind: 'disabled', remaining: 100 }, at: sentAt(STALE_MS + 1) })],
  ])('for too long is not done: %s', (_kind, act) => {
    expect(a.send(act())).toMatchObject({ epoch: 0, state: 'closed', done: false });
    expect(store.told).toBeUndefined();
  });

  it('for too long is not done: acquire', () => {
    openAndDue();
    expect(a.send({ kind: 'acquire', slot: 'a', probes: 1, successes: 1, at: sentAt(STALE_MS + 1) })).toMatchObject({ state: 'open', done: false });
  });

  it('for a while is done', () => {
    expect(a.vote(ANY, { at: sentAt(STALE_MS) })).toMatchObject({ state: 'open', done: true });
  });

  it.each<[string, Act, string]>([
    ['renew', { kind: 'renew', slot: 'a' }, 'half_open'],
    ['release', { kind: 'release', slot: 'a' }, 'half_open'],
    ['result', { kind: 'result', slot: 'a', success: true, successes: 1, openFor: 100 }, 'closed'],
  ])('is done as long as its slot lasts, where it tells of a slot: %s', (_kind, act, state) => {
    probedBy(a);
    expect(a.send({ ...act, at: sentAt(STALE_MS + 1) })).toMatchObject({ state, done: true });
  });
});

describe('settings', () => {
  it('that differ are told to each of the two processes', () => {
    expect(a.get('one').settings).toBeUndefined();
    expect(b.get('two').settings).toBe('one');
    expect(a.get('one').settings).toBe('two');
    expect(b.get('two').settings).toBe('one');
  });

  it('are kept of two: where there are more, each is told of another one', () => {
    for (const [process, text] of [[a, 'one'], [b, 'two'], [c, 'three']] as const) process.get(text);
    expect(store.record?.settings.map(({ text }) => text)).toEqual(['two', 'three']);
    expect(a.get('one').settings).toBe('three');
  });

  it('that are the same are not told', () => {
    a.get('one');
    expect(b.get('one').settings).toBeUndefined();
  });

  it('of a process that is dead are not told', () => {
    a.get('one');
    store.passes(ALIVE);
    expect(b.get('two').settings).toBeUndefined();
  });

  it('of a sender that only looks are not kept', () => {
    a.alive = 0;
    a.get('one');
    expect(b.get('two').settings).toBeUndefined();
    expect(b.get('two').processes).toBe(3);
  });
});

describe('a record', () => {
  it('is forgotten ten minutes after all that it holds is over', () => {
    a.vote(ANY, { openFor: 5000 });
    store.passes(5000 + RETENTION_MS - 1);
    const stranger = store.process('stranger');
    expect(stranger.get()).toMatchObject({ state: 'open' });
    store.passes(RETENTION_MS);
    expect(store.process('another').get()).toMatchObject({ epoch: 0, state: 'closed', processes: 1 });
  });

  it('counts processes as alive until they have not been heard of for as long as they said', () => {
    store.passes(ALIVE - LEASE - 1);
    expect(a.get()).toMatchObject({ processes: 3 });
    store.passes(1);
    expect(a.get()).toMatchObject({ processes: 1 });
  });

  it('is not changed in place', () => {
    const before = store.record;
    const copy = structuredClone(before);
    probedBy(a);
    expect(before).toEqual(copy);
  });
});

describe('whatever happens', () => {
  const PROBES = 2;
  const slot = fc.constantFrom('1', '2', '3', '4', '5', '6');
  const act = fc.oneof<fc.WeightedArbitrary<Act>[]>(
    { weight: 1, arbitrary: fc.constant({ kind: 'get' }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'vote', lasts: 500, openFor: 30, quorum: ANY }) },
    {
      weight: 1,
      arbitrary: fc.constant({
        kind: 'report', counts: { calls: 1, failures: 1, slow: 0, streak: 1 }, limits: { failureThreshold: 2 }, openFor: 30,
      }),
    },
    { weight: 8, arbitrary: slot.map((id) => ({ kind: 'acquire', slot: id, probes: PROBES, successes: PROBES })) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('renew', 'release'), slot }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('result'), slot, success: fc.boolean(), successes: fc.constant(PROBES), openFor: fc.constant(30),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'force', act: 'close' }, { kind: 'force', act: 'reset' }) },
  );
  const step = fc.record({
    // Much happens within a lease, and now and then one passes.
    after: fc.constantFrom(0, 0, 1, 30, 30, 30, 30, 30, 30, LEASE - 1, LEASE),
    process: fc.nat(2),
    act,
    isLost: fc.nat(29).map((n) => n === 29),
    isHeard: fc.nat(3).map((n) => n !== 3),
  });

  /** Whether a slot may still be used, as its process counts it. */
  type Probes = Map<string, number>;

  function track(probes: Probes, sent: Act, { done }: Answer, nowMs: number): void {
    if (sent.kind === 'acquire' && done) probes.set(sent.slot, nowMs + LEASE);
    if (sent.kind === 'renew' && probes.has(sent.slot)) {
      if (done) probes.set(sent.slot, nowMs + LEASE);
      else probes.delete(sent.slot);
    }
    if (sent.kind === 'release' || sent.kind === 'result') probes.delete(sent.slot);
    for (const [id, until] of probes) if (until <= nowMs) probes.delete(id);
  }

  it('no more probes run than may at once, also over epochs and losses; epochs never decrease; one has one state', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lossy = new ReducedStore();
        lossy.process('a').get();
        lossy.passes(LEASE);
        const processes = ['a', 'b', 'c'].map((name) => lossy.process(name));
        const states = new Map<number, string>();
        const probes: Probes = new Map();
        let newest = 0;
        for (const { after, process: index, act: sent, isLost, isHeard } of steps) {
          const sender = processes[index]!;
          // Two transitions never share a microsecond.
          lossy.passes(after + 0.001);
          if (isLost) {
            lossy.loses();
            newest = 0;
          }
          const known = sender.seen;
          const answer = sender.send(sent);
          if (!isHeard) sender.seen = known;
          track(probes, sent, answer, Math.floor(lossy.nowMs));

          expect(answer.epoch).toBeGreaterThanOrEqual(Math.max(newest, known.epoch));
          newest = answer.epoch;
          expect(states.get(answer.epoch) ?? answer.state).toBe(answer.state);
          states.set(answer.epoch, answer.state);
          expect(lossy.record!.leases.size).toBeLessThanOrEqual(PROBES);
          expect(probes.size).toBeLessThanOrEqual(PROBES);
        }
      }),
      { numRuns: runs(2000) },
    );
  });
});
