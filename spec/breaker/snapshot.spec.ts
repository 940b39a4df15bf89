import type { BreakerOptions } from '../../lib';
import type { BreakerSnapshot } from '../../lib/operate';
import * as operate from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';
import { Outage, RECOVERY, Testbed } from './testbed';

/** What is left of a snapshot after it was written to a file and read again. */
function written(snapshot: BreakerSnapshot): BreakerSnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as BreakerSnapshot;
}

/** The process ends, and another begins `gap` later by the wall clock; its monotonic clock has an origin of its own. */
function restart({ breaker, clock }: Testbed, { gap = 0, options = {} } = {}) {
  const next = new ManualClock({ now: 9_000_000, wallTime: clock.wallTime() + gap });
  const restored = new Testbed({ ...options, clock: next });
  operate.restore(restored.breaker, written(operate.snapshot(breaker)));
  return Object.assign(restored, { clock: next });
}

describe('rule 16: snapshot and restore', () => {
  it('keeps a closed circuit, its consecutive count and its statistics', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    testbed.succeed(4);
    testbed.cancel();
    testbed.fail(2);

    const restored = restart(testbed, { options: { failureThreshold: 3 } });

    const { lastError, ...stats } = testbed.breaker.stats;
    expect(restored.breaker).toMatchObject({ state: 'closed', failureCount: 2, stats });
    expect(restored.breaker.stats.lastError).toMatchObject({ message: (lastError as Error).message });
    restored.fail();
    expect(restored.breaker.state).toBe('open');
  });

  it('keeps the remaining open time', () => {
    const testbed = new Testbed().open();
    testbed.clock.advance(300);

    const { breaker, clock } = restart(testbed);

    expect(breaker).toMatchObject({ state: 'open', retryAfter: 700, failureCount: 5 });
    expect(breaker.stats.openedAt).toBe(testbed.breaker.stats.openedAt);
    clock.advance(700);
    expect(breaker.state).toBe('half_open');
  });

  it('takes the wall-clock time between the two from the open time', () => {
    const testbed = new Testbed().open();

    expect(restart(testbed, { gap: 400 }).breaker.retryAfter).toBe(600);
    expect(restart(testbed, { gap: RECOVERY }).breaker).toMatchObject({ state: 'half_open', retryAfter: 0 });
    expect(restart(testbed, { gap: 1000 * RECOVERY }).breaker).toMatchObject({ state: 'half_open', retryAfter: 0 });
  });

  it('takes a gap below zero, of a wall clock that was put back, for none', () => {
    const testbed = new Testbed().open();
    testbed.clock.advance(300);

    expect(restart(testbed, { gap: -86_400_000 }).breaker.retryAfter).toBe(700);
  });

  it('takes no time away when the wall clock was put back between the two, of one process too', () => {
    const testbed = new Testbed().open();
    const snapshot = operate.snapshot(testbed.breaker);
    testbed.clock.jumpWallTime(-86_400_000);
    testbed.clock.advance(400);

    operate.restore(testbed.breaker, written(snapshot));

    expect(testbed.breaker.retryAfter).toBe(RECOVERY);
  });

  it('counts time that the process was frozen once, by the wall clock between the two', () => {
    const testbed = new Testbed({ recoveryTimeout: 10_000 }).open();
    const snapshot = operate.snapshot(testbed.breaker);
    testbed.clock.jumpWallTime(4000);

    operate.restore(testbed.breaker, written(snapshot));

    expect(testbed.breaker.retryAfter).toBe(6000);
    testbed.clock.advance(6000);
    expect(testbed.breaker.state).toBe('half_open');
  });

  it('restores half open as half open, also where the open time is Infinity', () => {
    const testbed = new Testbed({ recoveryTimeout: 100 }).halfOpen();
    testbed.breaker.acquire();
    operate.configure(testbed.breaker, { recoveryTimeout: Infinity });

    expect(restart(testbed, { options: { recoveryTimeout: Infinity } }).breaker.state).toBe('half_open');
  });

  it('keeps an open time of Infinity', () => {
    const testbed = new Testbed({ recoveryTimeout: Infinity }).open();

    const { breaker } = restart(testbed, { gap: 1e12 });

    expect(breaker.retryAfter).toBe(Infinity);
    expect(operate.snapshot(testbed.breaker).open?.openTime).toBe('Infinity');
  });

  it('restores half open as open with its time elapsed: its probes did not survive', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.acquire();

    const { breaker } = restart(testbed);

    expect(breaker).toMatchObject({ state: 'half_open', retryAfter: 0 });
    expect(breaker.tryAcquire()?.isProbe).toBe(true);
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('saves a circuit whose open time has passed as half open, found or not', () => {
    const testbed = new Testbed().halfOpen();
    expect(operate.snapshot(testbed.breaker).state).toBe('half_open');

    testbed.breaker.acquire();

    expect(operate.snapshot(testbed.breaker).state).toBe('half_open');
  });

  it('keeps how often it reopened, by which the next open time grows', () => {
    const options = { recoveryBackoff: { factor: 2 } };
    const testbed = new Testbed(options).halfOpen();
    testbed.fail();

    const restored = restart(testbed, { options });
    expect(restored.breaker.retryAfter).toBe(2000);
    restored.clock.advance(2000);
    restored.fail();

    expect(restored.breaker.retryAfter).toBe(4000);
  });

  it('keeps the outcomes of a count window, in their order', () => {
    const options = { window: { type: 'count', size: 4, failureRate: 0.75 } } as const;
    const testbed = new Testbed(options);
    testbed.fail(1);
    testbed.succeed(2);
    testbed.fail(1);

    const restored = restart(testbed, { gap: 1e9, options });
    expect(restored.breaker.stats.failureRate).toBe(0.5);
    restored.fail();
    expect(restored.breaker.stats.failureRate).toBe(0.5);
    restored.fail();

    expect(restored.breaker.state).toBe('open');
  });

  it('lets the outcomes of a time window age by the wall-clock time between the two', () => {
    const options = { window: { type: 'time', duration: 1000, minimumCalls: 100 } } as const;
    const testbed = new Testbed(options);
    testbed.fail();
    testbed.clock.advance(500);
    testbed.succeed(3);

    expect(restart(testbed, { options }).breaker.stats.failureRate).toBe(0.25);
    expect(restart(testbed, { gap: 600, options }).breaker.stats.failureRate).toBe(0);
    const aged = restart(testbed, { gap: 200, options });
    expect(aged.breaker.stats.failureRate).toBe(0.25);
    aged.clock.advance(400);
    expect(aged.breaker.stats.failureRate).toBe(0);
  });

  it('leaves out the content of a window of another type', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4 } });
    testbed.fail(2);

    const { breaker } = restart(testbed, { options: { window: { type: 'time', duration: 1000 } } });

    expect(breaker.stats).toMatchObject({ failureRate: 0, failures: 2 });
  });

  it('fills a smaller count window with the youngest outcomes', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 10 } });
    testbed.fail(6);
    testbed.succeed(2);

    const { breaker } = restart(testbed, { options: { window: { type: 'count', size: 4 } } });

    expect(breaker.stats.failureRate).toBe(0.5);
  });

  it.each(['forceOpen', 'disable', 'shadow'] as const)('keeps %s with what is left of its time', (override) => {
    const testbed = new Testbed();
    operate[override](testbed.breaker, { for: 5000, reason: 'maintenance' });
    testbed.clock.advance(1000);
    const kind = testbed.breaker.override;

    const { breaker, clock } = restart(testbed, { gap: 1500 });
    expect(breaker.override).toBe(kind);
    clock.advance(2499);
    expect(breaker.override).toBe(kind);
    clock.advance(1);

    expect(breaker.override).toBeUndefined();
    expect(restart(testbed, { gap: 4000 }).breaker.override).toBeUndefined();
  });

  it('keeps an override without an end', () => {
    const testbed = new Testbed();
    operate.forceOpen(testbed.breaker);

    expect(restart(testbed, { gap: 1e12 }).breaker).toMatchObject({ override: 'forced_open', retryAfter: Infinity });
  });

  it('takes away an override that the snapshot does not have', () => {
    const { breaker } = new Testbed();
    const { breaker: other } = new Testbed();
    operate.disable(other);

    operate.restore(other, written(operate.snapshot(breaker)));

    expect(other.override).toBeUndefined();
  });

  it('leaves the last word to a listener that lays an override when it hears of the transition', () => {
    const saved = new Testbed().open();
    operate.disable(saved.breaker);
    const testbed = new Testbed();
    const told = testbed.listen('override');
    testbed.breaker.on('transition', () => {
      operate.shadow(testbed.breaker);
    });

    operate.restore(testbed.breaker, written(operate.snapshot(saved.breaker)));

    expect(testbed.breaker.override).toBe('shadow');
    expect(told.map(({ override }) => override)).toEqual(['shadow']);
  });

  it('starts an epoch younger than both: permits in flight become late', () => {
    const saved = new Testbed().halfOpen();
    saved.succeed();
    const { breaker } = new Testbed();
    const permit = breaker.acquire();
    const snapshot = written(operate.snapshot(saved.breaker));

    operate.restore(breaker, snapshot);
    permit.failure();

    expect(breaker.stats.late).toBe(snapshot.stats.late + 1);
    expect(breaker.failureCount).toBe(0);
    expect(operate.snapshot(breaker).epoch).toBeGreaterThan(snapshot.epoch);
  });

  it('numbers the epochs in their order', () => {
    const testbed = new Testbed();
    const epochs: number[] = [];
    const look = (): unknown => epochs.push(operate.snapshot(testbed.breaker).epoch);

    look();
    testbed.open();
    look();
    testbed.clock.advance(RECOVERY);
    testbed.cancel();
    look();
    testbed.succeed();
    look();

    expect(epochs).toEqual([1, 2, 3, 4]);
  });

  it('does not go back to an older epoch', () => {
    const { breaker } = new Testbed();
    const old = operate.snapshot(breaker);
    for (let n = 0; n < 5; n++) breaker.reset();
    const { epoch } = operate.snapshot(breaker);

    operate.restore(breaker, old);

    expect(operate.snapshot(breaker).epoch).toBeGreaterThan(epoch);
  });

  it.each([
    ['open', 'closed > open: restored'],
    ['closed', undefined],
  ])('emits a transition when the state becomes another: %s', (state, expected) => {
    const saved = new Testbed();
    if (state === 'open') saved.open();
    const testbed = new Testbed();
    const transitions = testbed.transitions();

    operate.restore(testbed.breaker, operate.snapshot(saved.breaker));

    expect(transitions).toEqual(expected === undefined ? [] : [expected]);
  });

  it('is the same after a round trip through JSON', () => {
    const options: BreakerOptions = { recoveryBackoff: {}, window: { type: 'time', duration: 900, minimumCalls: 3 } };
    const testbed = new Testbed({ ...options, name: '__proto__' });
    testbed.succeed(2);
    testbed.fail(2);
    operate.shadow(testbed.breaker, { for: 700 });

    const snapshot = operate.snapshot(testbed.breaker);

    expect(written(snapshot)).toEqual(snapshot);
    expect(Object.keys(written(snapshot))).toEqual(Object.keys(snapshot));
  });

  it('gives the same snapshot again when it is restored at once', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 900, minimumCalls: 3 } });
    testbed.clock.advance(123);
    testbed.succeed(2);
    testbed.clock.advance(456);
    testbed.fail(2);
    testbed.rejection();
    const snapshot = operate.snapshot(testbed.breaker);

    operate.restore(testbed.breaker, snapshot);

    expect(operate.snapshot(testbed.breaker)).toEqual({ ...snapshot, epoch: snapshot.epoch + 1 });
  });

  it('is a picture: what happens later does not show in it', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4 } });
    const snapshot = operate.snapshot(testbed.breaker);
    const before = written(snapshot);

    testbed.fail(4);

    expect(snapshot).toEqual(before);
  });

  it.each<[string, unknown, object]>([
    ['an Error', new Outage('down'), { name: 'Error', message: 'down' }],
    ['a TypeError', new TypeError('no number'), { name: 'TypeError', message: 'no number' }],
    ['a string', 'down', { name: 'Error', message: 'down' }],
    ['null', null, { name: 'Error', message: 'null' }],
  ])('writes %s as the last error by name and message', (_what, error, expected) => {
    const { breaker } = new Testbed();
    breaker.acquire().failure(error);

    const snapshot = operate.snapshot(breaker);

    expect(snapshot.lastError).toEqual(expected);
    operate.restore(breaker, snapshot);
    expect(breaker.stats.lastError).toBeInstanceOf(Error);
    expect(breaker.stats.lastError).toMatchObject(expected);
  });
});

describe('rule 16: a malformed snapshot changes nothing', () => {
  const window = { type: 'time', duration: 1000, minimumCalls: 10 } as const;
  const valid = (): BreakerSnapshot => {
    const testbed = new Testbed({ window });
    testbed.fail(3);
    testbed.breaker.trip();
    operate.forceOpen(testbed.breaker, { for: 100 });
    return written(operate.snapshot(testbed.breaker));
  };

  const MALFORMED: [string, unknown, string][] = [
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['a string', 'snapshot', ''],
    ['a list', [], ''],
    ['an empty object', {}, 'version'],
    ['a newer version', { ...valid(), version: 2 }, 'version'],
    ['a version as a string', { ...valid(), version: '1' }, 'version'],
    ['no version', { ...valid(), version: undefined }, 'version'],
    ['an unknown state', { ...valid(), state: 'ajar' }, 'state'],
    ['a name that is no text', { ...valid(), name: 7 }, 'name'],
    ['a negative count', { ...valid(), failureCount: -1 }, 'failureCount'],
    ['half a failure', { ...valid(), failureCount: 0.5 }, 'failureCount'],
    ['a count as a string', { ...valid(), failureCount: '3' }, 'failureCount'],
    ['NaN, which JSON writes as null', { ...valid(), takenAt: null }, 'takenAt'],
    ['an epoch of zero', { ...valid(), epoch: 0 }, 'epoch'],
    ['an open circuit without its times', { ...valid(), open: undefined }, 'open'],
    ['a closed circuit with open times', { ...valid(), state: 'closed' }, 'open'],
    ['a negative open time', withOpen({ openTime: -1 }), 'open.openTime'],
    ['a word for an open time', withOpen({ openTime: 'long' }), 'open.openTime'],
    ['an endless time since it opened', withOpen({ elapsed: 'Infinity' }), 'open.elapsed'],
    ['no statistics', { ...valid(), stats: undefined }, 'stats'],
    ['statistics without a count', { ...valid(), stats: { ...valid().stats, late: undefined } }, 'stats.late'],
    ['a count of its own in the statistics', { ...valid(), stats: { ...valid().stats, retried: 1 } }, 'stats.retried'],
    ['an option in place of state', { ...valid(), failureThreshold: 3 }, 'failureThreshold'],
    ['an unknown override', { ...valid(), override: { kind: 'off', remaining: 1 } }, 'override.kind'],
    ['an override without its time', { ...valid(), override: { kind: 'disabled' } }, 'override.remaining'],
    ['a window of unknown type', { ...valid(), window: { type: 'sliding', outcomes: '1' } }, 'window.type'],
    ['outcomes that are no digits', { ...valid(), window: { type: 'count', outcomes: '0149' } }, 'window.outcomes'],
    ['buckets that are no list', { ...valid(), window: { type: 'time', buckets: {} } }, 'window.buckets'],
    ['a bucket of the future', withBucket({ age: -1 }), 'window.buckets.0.age'],
    ['a bucket with more failures than calls', withBucket({ failures: 4 }), 'window.buckets.0.failures'],
    ['a bucket with more slow calls than calls', withBucket({ slow: 4 }), 'window.buckets.0.slow'],
    ['a last error that is a string', { ...valid(), lastError: 'down' }, 'lastError'],
  ];

  function withOpen(part: object) {
    return { ...valid(), open: { ...valid().open, ...part } };
  }

  function withBucket(part: object) {
    return { ...valid(), window: { type: 'time', buckets: [{ age: 10, calls: 3, failures: 1, slow: 0, ...part }] } };
  }

  it('takes the snapshot that the malformed ones were made of', () => {
    expect(() => operate.restore(new Testbed({ window }).breaker, valid())).not.toThrow();
  });

  it.each(MALFORMED)('refuses %s, and says where it is wrong', (_what, snapshot, path) => {
    const testbed = new Testbed({ name: 'users.fetch', window });
    testbed.fail(2);
    operate.shadow(testbed.breaker);
    const permit = testbed.breaker.acquire();
    const before = operate.snapshot(testbed.breaker);
    const events = testbed.listen('transition', 'override');

    const restore = () => operate.restore(testbed.breaker, snapshot as BreakerSnapshot);

    expect(restore).toThrow(
      expect.objectContaining({ code: 'BREAKER_CONFIG', issues: expect.arrayContaining([expect.objectContaining({ path })]) }),
    );
    expect(restore).toThrow(/users\.fetch/);
    expect(operate.snapshot(testbed.breaker)).toEqual(before);
    expect(events).toEqual([]);
    permit.failure();
    expect(testbed.breaker.stats).toMatchObject({ failures: 3, late: 0 });
  });

  it('names all that is wrong at once', () => {
    const { breaker } = new Testbed();
    const snapshot = { ...valid(), state: 'ajar', epoch: 'first', stats: { ...valid().stats, late: -1 } } as unknown as BreakerSnapshot;

    expect(() => operate.restore(breaker, snapshot)).toThrow(
      expect.objectContaining({
        issues: expect.arrayContaining(['state', 'epoch', 'stats.late'].map((path) => expect.objectContaining({ path }))),
      }),
    );
  });

  it('keeps no part of the snapshot that it was given', () => {
    const options = { window: { type: 'count', size: 3 } } as const;
    const saved = new Testbed(options);
    saved.fail(1);
    const snapshot = written(operate.snapshot(saved.breaker));
    const { breaker } = new Testbed(options);
    operate.restore(breaker, snapshot);
    const before = operate.snapshot(breaker);

    Object.assign(snapshot.stats, { failures: 99 });
    Object.assign(snapshot.period, { failures: 99 });
    Object.assign(snapshot.lastError!, { message: 'another' });

    expect(operate.snapshot(breaker)).toEqual(before);
  });
});

describe('a snapshot of a breaker without a window', () => {
  it('leaves the window of the breaker that takes it up empty', () => {
    const saved = new Testbed();
    saved.fail(2);
    const { breaker } = new Testbed({ window: { type: 'count', size: 4 } });
    operate.restore(breaker, operate.snapshot(saved.breaker));
    expect(breaker.stats).toMatchObject({ failureRate: 0, failures: 2 });
  });

  it('takes one with a window, and drops that', () => {
    const saved = new Testbed({ window: { type: 'count', size: 4 } });
    saved.fail(2);
    const { breaker } = new Testbed();
    operate.restore(breaker, operate.snapshot(saved.breaker));
    expect(operate.snapshot(breaker)).not.toHaveProperty('window');
  });
});
