import { FOREVER, lastsMs, RETENTION_MS } from '../../lib/fleet/record';
import { ANY, HEARING, LEASE, ReducedRecord, type Sender } from './support/reduced-record';

const MOST = { min: 2, ratio: 0.5 };
const TWO_PROBES = { probes: 2, successes: 2 };

let store: ReducedRecord;
let a: Sender;
let b: Sender;
let c: Sender;

beforeEach(() => {
  store = new ReducedRecord();
  [a, b, c] = [store.process('a'), store.process('b'), store.process('c')];
});

/** Closed by a probe, known to all, and no longer in the quarantine of a record that is new. */
function closedOnce(): void {
  a.forces('close');
  store.passes(LEASE);
  for (const process of [a, b, c]) process.reads();
}

/** Open, known to all, and due. */
function openAndDue(): void {
  closedOnce();
  a.vote(ANY);
  for (const process of [b, c]) process.reads();
  store.passes(100);
}

/** Half open, with one probe of a process, or one of each of several. */
function probedBy(...processes: Sender[]): void {
  openAndDue();
  for (const process of processes) expect(process.acquire(process.name, TWO_PROBES)).toMatchObject({ state: 'half_open', done: true });
}

describe('a breaker of which nothing is kept', () => {
  it('is closed, and stays without a record when it is only asked for', () => {
    expect(a.reads()).toMatchObject({ epoch: 0, state: 'closed', restored: false, isWritten: false });
    expect(a.acquire('a')).toMatchObject({ done: false, wait: 0, isWritten: false });
    expect(a.renew('a')).toMatchObject({ done: false, isWritten: false });
    expect(a.succeeds('a')).toMatchObject({ done: false, isWritten: false });
    expect(a.forces('clear')).toMatchObject({ done: true, isWritten: false });
  });

  it('has none either after a vote that was taken back', () => {
    a.vote(MOST);
    expect(store.record).toBeDefined();
    expect(a.vote(MOST, { lasts: 0 })).toMatchObject({ done: true, voters: [] });
    expect(store.record).toBeUndefined();
  });
});

describe('a vote', () => {
  it('opens when as many of the processes that take part have voted as the quorum asks for', () => {
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', done: true, voters: ['a'] });
    expect(b.vote(MOST)).toMatchObject({ state: 'open', done: true, reopenings: 0 });
  });

  it('counts once, and is written once, however often it is sent', () => {
    a.vote(MOST);
    store.passes(20);
    expect(a.vote(MOST, { lasts: 81 })).toMatchObject({ state: 'closed', done: true, voters: ['a'], isWritten: false });
  });

  it('that is sent again opens when fewer processes take part than before', () => {
    a.vote(MOST);
    a.participants = 1;
    expect(a.vote(MOST)).toMatchObject({ state: 'open' });
  });

  it('replaces the one of an earlier opening of its process', () => {
    a.vote(MOST, { lasts: 500 });
    a.vote(MOST, { lasts: 5000 });
    expect(store.record?.votes).toMatchObject([{ process: 'a', given: 5000 }]);
  });

  it.each([
    [1, 'open'],
    [2, 'closed'],
  ])('is enough alone where its process is the only one that takes part: of %p it is %s', (participants, state) => {
    a.participants = participants;
    expect(a.vote(MOST)).toMatchObject({ state });
  });

  it('is not enough alone where it is not known who takes part', () => {
    for (const process of [a, b]) process.participants = undefined;
    expect(a.vote(MOST)).toMatchObject({ state: 'closed' });
    expect(b.vote(MOST)).toMatchObject({ state: 'open' });
  });

  it('makes its process take part, also where others were not told of it', () => {
    for (const process of [a, b]) process.participants = 1;
    a.vote({ min: 3, ratio: 1 });
    expect(b.vote({ min: 3, ratio: 1 })).toMatchObject({ state: 'open' });
  });

  it.each([
    [0.5, 'closed'],
    [1 / 3, 'open'],
  ])('rounds its share of the processes up: %p of 3, with one vote, is %s', (ratio, state) => {
    expect(a.vote({ min: 1, ratio })).toMatchObject({ state });
  });

  it('does not need one more for the rounding of a product', () => {
    const ratio = 3 / 7 + 1e-16;
    expect(7 * ratio).toBeGreaterThan(3);
    for (const process of [a, b, c]) process.participants = 7;
    a.vote({ min: 1, ratio });
    b.vote({ min: 1, ratio });
    expect(c.vote({ min: 1, ratio })).toMatchObject({ state: 'open' });
  });

  it('counts as long as its process has the breaker open', () => {
    a.vote(MOST, { lasts: 50 });
    store.passes(50);
    expect(b.vote(MOST)).toMatchObject({ state: 'closed', voters: ['b'] });
  });

  it('opens until the last of the voters would have been due: one that comes late joins the outage that is there (F6)', () => {
    a.vote(MOST, { lasts: 3000 });
    store.passes(2500);
    expect(b.vote(MOST, { lasts: 500 })).toMatchObject({ state: 'open', remaining: 500 });
  });

  it('of one that is open for longer opens for so long', () => {
    a.vote(MOST, { lasts: 3000 });
    expect(b.vote(MOST, { lasts: 500 })).toMatchObject({ state: 'open', remaining: 3000 });
  });

  it('of another epoch does not count', () => {
    const { epoch } = a.reads();
    b.forces('close');
    expect(a.vote(ANY, { epoch })).toMatchObject({ state: 'closed', done: false, isWritten: false });
  });

  it('changes nothing while it is open', () => {
    const { epoch } = a.vote(ANY);
    expect(b.vote(ANY, { epoch, lasts: 9000 })).toMatchObject({ epoch, done: false, remaining: 100, isWritten: false });
  });

  it('is forgotten when it is closed', () => {
    a.vote(MOST);
    c.forces('close');
    b.reads();
    expect(b.vote(MOST)).toMatchObject({ state: 'closed', voters: ['b'] });
  });

  it('says why, and who opened it is told as long as it is not closed (F10)', () => {
    a.vote(MOST, { error: 'ECONNREFUSED' });
    b.vote(MOST, { error: 'ETIMEDOUT' });
    const reasons = [{ process: 'a', error: 'ECONNREFUSED' }, { process: 'b', error: 'ETIMEDOUT' }];
    expect(store.record?.votes).toMatchObject(reasons);
    store.passes(LEASE);
    expect(c.acquire('c')).toMatchObject({ state: 'half_open' });
    expect(store.record?.votes).toMatchObject(reasons);
    c.succeeds('c');
    expect(store.record?.votes).toEqual([]);
  });

  it('says why only among the first five: a record of a large fleet stays small', () => {
    for (let n = 0; n < 8; n++) store.process(`p${n}`).vote({ min: 10, ratio: 0 }, { error: 'x'.repeat(200), participants: 20 });
    expect(store.record?.votes.map(({ error }) => error?.length)).toEqual([200, 200, 200, 200, 200, undefined, undefined, undefined]);
  });
});

describe('counts of failures in a row (F3)', () => {
  const five = { failureThreshold: 5 };
  const failed = (times: number) => ({ calls: times, failures: times, streak: times });

  it('of all processes open it when the time to object is over', () => {
    expect(a.report(failed(3), five)).toMatchObject({ state: 'closed', done: true });
    expect(b.report(failed(2), five)).toMatchObject({ state: 'closed', done: true });
    expect(store.record?.counts?.decision?.given).toBe(HEARING);
    store.passes(HEARING - 1);
    expect(b.report({}, five)).toMatchObject({ state: 'closed', isWritten: false });
    store.passes(1);
    expect(b.report({}, five, { error: 'down' })).toMatchObject({ state: 'open', remaining: 100, voters: ['b'] });
    expect(store.record?.votes).toMatchObject([{ process: 'b', error: 'down' }]);
  });

  it('open it also by the next report, when who was to ask has died', () => {
    a.report(failed(5), five);
    store.passes(HEARING);
    expect(c.report(failed(1), five)).toMatchObject({ state: 'open' });
  });

  it('are over with a success of a process that knew of them', () => {
    a.report(failed(4), five);
    const { since } = store.record!.counts!;
    b.report({ calls: 1 }, five, { after: since });
    expect(store.record).toBeUndefined();
  });

  it('are not decided when a process that succeeded meanwhile objects', () => {
    a.report(failed(5), five);
    const { since } = store.record!.counts!;
    store.passes(100);
    expect(b.report({ calls: 1 }, five, { after: since })).toMatchObject({ state: 'closed', done: true });
    store.passes(100);
    expect(a.report({}, five)).toMatchObject({ state: 'closed' });
  });

  it('begin anew with failures that followed the success', () => {
    a.report(failed(4), five);
    const { since } = store.record!.counts!;
    b.report({ calls: 5, failures: 3, streak: 2 }, five, { after: since });
    expect(store.record?.counts).toMatchObject({ streak: 2 });
    expect(store.record!.counts!.since).toBeGreaterThan(since);
  });

  it('are not over with a success of a process that did not know of them: it may have been before the outage', () => {
    a.report(failed(3), five);
    b.report({ calls: 40, failures: 2, streak: 2 }, five);
    expect(store.record?.counts).toMatchObject({ streak: 5 });
  });

  it('are not over with a success that was after an earlier row', () => {
    a.report(failed(3), five);
    const { since } = store.record!.counts!;
    b.report({ calls: 1 }, five, { after: since });
    store.passes(1);
    a.report(failed(3), five);
    c.report({ calls: 3, failures: 2, streak: 2 }, five, { after: since });
    expect(store.record?.counts).toMatchObject({ streak: 5 });
  });

  it('of another epoch do not count', () => {
    const { epoch } = a.reads();
    b.forces('close');
    expect(a.report(failed(5), five, { epoch })).toMatchObject({ state: 'closed', done: false, isWritten: false });
  });

  it('are forgotten when the epoch changes', () => {
    a.report(failed(4), five);
    b.forces('close');
    expect(store.record?.counts).toBeUndefined();
  });
});

describe('counts of a window', () => {
  const rate = (window: 'count' | 'time', size: number) => ({ window, size, minimumCalls: 10, failureRate: 0.5, slowRate: 0.8 }) as const;

  function isReached(): boolean {
    return store.record?.counts?.decision !== undefined;
  }

  it('open it on the rate of failures, once there are enough calls', () => {
    a.report({ calls: 9, failures: 9 }, rate('count', 100));
    expect(isReached()).toBe(false);
    b.report({ calls: 1 }, rate('count', 100));
    expect(isReached()).toBe(true);
    store.passes(HEARING);
    expect(b.report({}, rate('count', 100))).toMatchObject({ state: 'open' });
  });

  it('open it on the rate of slow calls', () => {
    a.report({ calls: 10, slow: 7 }, rate('time', 1000));
    expect(isReached()).toBe(false);
    b.report({ calls: 10, slow: 9 }, rate('time', 1000));
    expect(isReached()).toBe(true);
  });

  it('do not, when processes tell of enough successes before it is decided', () => {
    a.report({ calls: 10, failures: 10 }, rate('time', 1000));
    b.report({ calls: 15 }, rate('time', 1000));
    expect(isReached()).toBe(false);
    store.passes(HEARING);
    expect(a.report({}, rate('time', 1000))).toMatchObject({ state: 'closed' });
  });

  it('leave a time window when they are too old', () => {
    a.report({ calls: 9, failures: 9 }, rate('time', 1000));
    store.passes(1000);
    b.report({ calls: 10, failures: 1 }, rate('time', 1000));
    expect(isReached()).toBe(false);
  });

  it('leave a time window also when the clock of the server is set back (F5)', () => {
    a.report({ calls: 9, failures: 9 }, rate('time', 1000));
    store.jumps(-3_600_000);
    b.report({ calls: 10, failures: 1 }, rate('time', 1000));
    expect(isReached()).toBe(false);
  });

  it('leave a count window when newer calls fill it', () => {
    a.report({ calls: 9, failures: 9 }, rate('count', 20));
    a.report({ calls: 20, failures: 1 }, rate('count', 20));
    b.report({ calls: 10, failures: 9 }, rate('count', 20));
    expect(isReached()).toBe(false);
  });

  it('of successes alone are not kept', () => {
    expect(a.report({ calls: 50 }, rate('count', 100))).toMatchObject({ done: true });
    expect(store.record).toBeUndefined();
  });

  it('share buckets, so that there are never many', () => {
    for (let n = 0; n < 500; n++) {
      a.report({ calls: 1, failures: n % 3 === 0 ? 1 : 0 }, { ...rate('time', 1000), failureRate: 1 });
      store.passes(7);
    }
    expect(store.record?.counts?.buckets.length).toBeLessThanOrEqual(11);
  });
});

describe('a request for a slot', () => {
  it('gets none while it is closed', () => {
    closedOnce();
    expect(a.acquire('a')).toMatchObject({ state: 'closed', done: false, wait: 0 });
  });

  it('gets none before the open time is over, and is told how long that is', () => {
    closedOnce();
    a.vote(ANY);
    store.passes(40);
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: 60, isWritten: false });
  });

  it('makes it half open when the open time is over', () => {
    openAndDue();
    const { epoch } = a;
    const answer = a.acquire('a');
    expect(answer).toMatchObject({ state: 'half_open', done: true, remaining: 0 });
    expect(answer.epoch).toBeGreaterThan(epoch);
  });

  it('gets one of as many as may probe at once; the others are told when the first one runs out, and need write nothing', () => {
    openAndDue();
    a.acquire('a', TWO_PROBES);
    store.passes(10);
    b.acquire('b', TWO_PROBES);
    expect(c.acquire('c', TWO_PROBES)).toMatchObject({ state: 'half_open', done: false, wait: LEASE - 10, isWritten: false });
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
    a.vote(ANY, { lasts: 1 });
    store.passes(1);
    expect(a.acquire('a')).toMatchObject({ done: false, wait: LEASE - 1 });
    store.passes(LEASE - 1);
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

  it('is kept for the next call as long as nobody wants it (F4)', () => {
    probedBy(a);
    for (let times = 0; times < 100; times++) {
      expect(a.renew('a', true)).toMatchObject({ done: true });
      store.passes(LEASE - 1);
    }
    expect(store.record?.leases).toMatchObject([{ slot: 'a', idle: true }]);
  });

  it('that is kept for the next call is given back when another process wants it (F4)', () => {
    probedBy(a);
    a.renew('a', true);
    expect(b.acquire('b')).toMatchObject({ done: false, isWritten: true });
    expect(store.record?.wanted).toBe(true);
    expect(c.acquire('c')).toMatchObject({ done: false, isWritten: false });
    expect(a.renew('a', true)).toMatchObject({ done: false });
    expect(store.record).toMatchObject({ leases: [], wanted: false });
    expect(b.acquire('b')).toMatchObject({ done: true });
  });

  it('that is wanted is kept when its call has come meanwhile', () => {
    probedBy(a);
    a.renew('a', true);
    b.acquire('b');
    expect(a.renew('a')).toMatchObject({ done: true });
    expect(store.record?.leases).toMatchObject([{ slot: 'a' }]);
    expect(b.acquire('b')).toMatchObject({ done: false });
  });

  it('on which a probe runs is not asked for', () => {
    probedBy(a);
    b.acquire('b');
    expect(store.record?.wanted).toBe(false);
  });
});

describe('a result', () => {
  it('that is a failure opens it again, says why, and counts the reopening', () => {
    probedBy(a);
    expect(a.fails('a', 200, { error: 'still down' })).toMatchObject({ state: 'open', done: true, remaining: 200, reopenings: 1 });
    expect(store.record?.votes).toMatchObject([{ process: 'a', error: 'still down' }]);
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
    expect(a.succeeds('a', 3)).toMatchObject({ state: 'half_open', done: false, isWritten: false });
    expect(store.record?.succeeded).toEqual(['a']);
  });

  it.each([true, false])('counts also after its lease, in the same half-open period (F11): a success: %p', (isSuccess) => {
    probedBy(a);
    store.passes(LEASE);
    b.acquire('b');
    const ended = isSuccess ? a.succeeds('a') : a.fails('a');
    expect(ended).toMatchObject({ state: isSuccess ? 'closed' : 'open', done: true });
  });

  it('after its lease, and after another one has decided, changes nothing', () => {
    probedBy(a);
    const { epoch } = a;
    store.passes(LEASE);
    b.acquire('b');
    b.succeeds('b');
    expect(a.fails('a', 100, { epoch })).toMatchObject({ state: 'closed', done: false, isWritten: false });
  });

  it('of an earlier half-open period changes nothing', () => {
    probedBy(a, b);
    const { epoch } = b;
    a.fails('a', 0);
    store.passes(LEASE);
    c.acquire('c');
    expect(b.succeeds('b', 1, epoch)).toMatchObject({ state: 'half_open', done: false, isWritten: false });
    expect(store.record?.succeeded).toEqual([]);
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
  it('takes it from a process that has seen it, under the same epoch, with what is left', () => {
    a.vote(ANY, { lasts: 5000, error: 'down' });
    const { epoch } = a;
    store.passes(4300);
    store.loses();
    expect(a.reads()).toMatchObject({ epoch, state: 'open', remaining: 700, restored: true, isWritten: true });
    expect(b.reads()).toMatchObject({ epoch, state: 'open', restored: false, isWritten: false });
    expect(store.record?.votes).toMatchObject([{ process: 'a', error: 'down' }]);
  });

  it('takes reopenings as well, and that an operator closed it', () => {
    probedBy(a);
    a.fails('a', 5000);
    store.loses();
    expect(a.reads()).toMatchObject({ state: 'open', reopenings: 1, restored: true });
    a.forces('reset');
    store.record = undefined;
    b.vote(ANY, { epoch: 0 });
    store.record = { ...store.record!, epoch: 1 };
    a.reads();
    expect(store.record).toMatchObject({ state: 'closed', closedBy: 'reset' });
  });

  it('takes the newest: whoever has seen a newer one replaces what an older one has restored', () => {
    const stranger = store.process('stranger');
    a.vote(ANY, { lasts: 5000 });
    const { epoch } = a;
    c.forces('close');
    store.loses();
    expect(a.reads()).toMatchObject({ epoch, state: 'open', restored: true });
    expect(c.reads()).toMatchObject({ epoch: c.epoch, state: 'closed', restored: true });
    expect(a.reads()).toMatchObject({ epoch: c.epoch, state: 'closed', restored: false });
    expect(stranger.reads()).toMatchObject({ state: 'closed' });
  });

  it('need not know that it was closed: a vote counts for the epoch that its process knows', () => {
    closedOnce();
    const { epoch } = a;
    store.loses();
    expect(a.reads()).toMatchObject({ epoch: 0, restored: false, isWritten: false });
    expect(a.vote(MOST)).toMatchObject({ state: 'closed', done: true, epoch, restored: false });
  });

  it('keeps the votes of processes that do not know that it was closed before', () => {
    closedOnce();
    store.loses();
    const stranger = store.process('stranger');
    stranger.vote(MOST);
    expect(a.vote(MOST)).toMatchObject({ state: 'open', done: true });
  });

  it('has one that was half open open again, due, under a new epoch', () => {
    probedBy(a);
    const { epoch } = a;
    store.loses();
    const restored = a.renew('a');
    expect(restored).toMatchObject({ state: 'open', remaining: 0, restored: true, done: false });
    expect(restored.epoch).toBeGreaterThan(epoch);
  });

  it('gives no slot for a lease, as probes that it has lost may run', () => {
    probedBy(a);
    b.reads();
    store.loses();
    store.passes(10);
    expect(b.acquire('b')).toMatchObject({ state: 'open', restored: true, done: false, wait: LEASE });
    store.passes(LEASE - 1);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 1 });
    store.passes(1);
    expect(b.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });

  it('restores and carries out in one: a report for the restored epoch counts', () => {
    b.lays({ kind: 'shadow', lasts: 5000 });
    store.loses();
    expect(b.report({ calls: 1, failures: 1, streak: 1 }, { failureThreshold: 5 })).toMatchObject({ restored: true, done: true });
    expect(store.record).toMatchObject({ counts: { streak: 1 }, override: { kind: 'shadow' } });
  });

  it('to an older record, as that of a replica, takes the newer one', () => {
    openAndDue();
    const older = store.record;
    a.acquire('a');
    store.record = older;
    expect(a.renew('a')).toMatchObject({ state: 'open', restored: true, done: false });
    expect(b.acquire('b')).toMatchObject({ done: false, wait: LEASE });
  });

  it('takes the override as well, with what is left of it', () => {
    a.lays({ kind: 'disabled', lasts: 5000, reason: 'deploy' });
    store.passes(1000);
    store.loses();
    expect(a.reads()).toMatchObject({ override: { kind: 'disabled', remaining: 4000 }, restored: true });
    expect(store.record?.override?.reason).toBe('deploy');
  });

  it('gives epochs that were not there before the loss', () => {
    probedBy(a);
    const { epoch } = a;
    store.loses();
    store.passes(1);
    const stranger = store.process('stranger');
    expect(stranger.vote(ANY).epoch).toBeGreaterThan(epoch);
    expect(a.reads()).toMatchObject({ state: 'open', restored: false });
  });
});

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
    a.release('a');
    expect(a.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });

  it('does so also after an operator has closed it there, and it has opened again', () => {
    openAndDue();
    store.server = 'replica';
    b.forces('close');
    b.vote(ANY, { lasts: 0.5 });
    store.passes(10);
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: LEASE - 10 });
  });
});

describe('the clock of a server that is set (F5)', () => {
  const HOUR = 3_600_000;

  beforeEach(() => {
    for (const process of [a, b, c]) process.remembers = true;
  });

  it('back: no process waits longer than was given, from when it first saw it', () => {
    closedOnce();
    a.vote(ANY, { lasts: 5000 });
    b.reads();
    store.passes(2000);
    store.jumps(-HOUR);
    expect(b.acquire('b')).toMatchObject({ done: false, wait: 3000 });
    // One that sees it first waits the whole of it.
    expect(c.acquire('c')).toMatchObject({ done: false, wait: 5000 });
    store.passes(3000);
    expect(b.acquire('b')).toMatchObject({ state: 'half_open', done: true });
  });

  it('back: a slot of a process that died runs out, a vote ends, and so does a quarantine', () => {
    probedBy(a);
    b.reads();
    store.jumps(-HOUR);
    store.passes(LEASE);
    expect(b.acquire('b')).toMatchObject({ done: true });
    store.passes(LEASE - 1);
    expect(c.acquire('c')).toMatchObject({ done: false, wait: 1 });
    store.jumps(-HOUR);
    b.fails('b', 0);
    expect(c.acquire('c')).toMatchObject({ done: true });
    c.forces('close');
    a.vote(MOST, { lasts: 500 });
    store.jumps(-HOUR);
    store.passes(500);
    expect(a.reads()).toMatchObject({ voters: [] });
  });

  it('back: an override ends', () => {
    a.lays({ kind: 'forced_open', lasts: 500 });
    b.reads();
    store.jumps(-HOUR);
    store.passes(500);
    expect(b.reads().override).toBeUndefined();
  });

  it('forward: who has seen the opening stays with its open time', () => {
    closedOnce();
    a.vote(ANY, { lasts: 5000 });
    store.jumps(HOUR);
    expect(a.acquire('a')).toMatchObject({ done: false, wait: 5000 });
  });

  it('back: epochs grow all the same', () => {
    const { epoch } = a.vote(ANY);
    store.jumps(-HOUR);
    const closed = a.forces('close');
    expect(closed.epoch).toBeGreaterThan(epoch);
    store.loses();
    expect(a.vote(ANY).epoch).toBeGreaterThan(closed.epoch);
  });
});

describe('an override', () => {
  it('lies over it until its time is over, and the state beneath goes on', () => {
    const { epoch } = a.lays({ kind: 'forced_open', lasts: 500 });
    expect(epoch).toBeGreaterThan(0);
    expect(b.reads()).toMatchObject({ epoch, state: 'closed', override: { kind: 'forced_open', remaining: 500 } });
    store.passes(499);
    expect(b.vote(ANY)).toMatchObject({ state: 'open', override: { remaining: 1 } });
    store.passes(1);
    expect(b.reads().override).toBeUndefined();
  });

  it('is written where the epoch stays as well', () => {
    b.forces('close');
    const { epoch } = a.lays({ kind: 'shadow', lasts: FOREVER });
    expect(epoch).toBe(b.epoch);
    expect(a.forces('clear')).toMatchObject({ epoch, override: undefined, isWritten: true });
  });

  it('lasts forever when it is said to', () => {
    a.lays({ kind: 'forced_open', lasts: FOREVER });
    store.passes(1e12);
    expect(b.reads()).toMatchObject({ override: { kind: 'forced_open', remaining: FOREVER } });
  });

  it.each(['clear', 'close', 'reset'] as const)('is taken away by %s', (act) => {
    a.lays({ kind: 'forced_open', lasts: FOREVER });
    expect(b.forces(act).override).toBeUndefined();
  });
});

describe('an operator', () => {
  it('who clears an override leaves the state as it is', () => {
    a.vote(ANY, { lasts: 5000 });
    const { epoch } = a;
    a.lays({ kind: 'disabled', lasts: FOREVER });
    expect(a.forces('clear')).toMatchObject({ epoch, state: 'open' });
  });

  it.each(['close', 'reset'] as const)('closes it by %s, in a new epoch, and the record says so until it opens', (act) => {
    probedBy(a);
    const { epoch } = a;
    const closed = b.forces(act);
    expect(closed).toMatchObject({ state: 'closed', remaining: 0, reopenings: 0 });
    expect(closed.epoch).toBeGreaterThan(epoch);
    expect(store.record?.closedBy).toBe(act);
    b.vote(ANY);
    expect(store.record?.closedBy).toBeUndefined();
  });

  it('who closes what is closed is heard as well: processes may have it open by their own calls', () => {
    const { epoch } = b.forces('close');
    expect(epoch).toBeGreaterThan(0);
    expect(b.forces('close').epoch).toBeGreaterThan(epoch);
  });

  it('who closes it while a probe runs has its slot quarantined', () => {
    probedBy(a);
    b.forces('close');
    b.vote(ANY, { lasts: 1 });
    store.passes(1);
    expect(b.acquire('b')).toMatchObject({ state: 'open', done: false, wait: LEASE - 1 });
  });
});

describe('a record', () => {
  const keptFor = () => lastsMs(store.record!, store.nowMs);

  it('is kept for ten minutes after all that it holds is over', () => {
    a.vote(ANY, { lasts: 5000 });
    expect(keptFor()).toBe(5000 + RETENTION_MS);
    store.passes(2000);
    expect(keptFor()).toBe(3000 + RETENTION_MS);
    a.lays({ kind: 'disabled', lasts: 9000 });
    expect(keptFor()).toBe(9000 + RETENTION_MS);
    a.lays({ kind: 'disabled', lasts: FOREVER });
    expect(keptFor()).toBe(FOREVER);
  });

  it('of votes alone is kept as long as they last', () => {
    a.vote(MOST, { lasts: 5000 });
    expect(keptFor()).toBe(5000);
  });

  it('is not changed in place', () => {
    openAndDue();
    const before = store.record;
    const copy = structuredClone(before);
    a.acquire('a');
    expect(before).toEqual(copy);
  });

  it('tells people of what breaker it is, where its name does not', () => {
    a.send({ kind: 'vote', epoch: 0, lasts: 100, quorum: MOST }, { title: 'pay (customer 7)' });
    b.vote(MOST);
    expect(store.record?.title).toBe('pay (customer 7)');
  });
});
