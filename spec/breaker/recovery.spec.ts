import { CircuitOpenError, type Permit } from '../../lib';
import { configure, snapshot } from '../../lib/operate';
import { RECOVERY, Testbed } from './testbed';

describe('rule 6: open rejects at once, for the open time', () => {
  it('rejects without running the function', async () => {
    const { breaker } = new Testbed().open();
    const fn = jest.fn();

    await expect(breaker.execute(fn)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(() => breaker.executeSync(fn)).toThrow(CircuitOpenError);

    expect(fn).not.toHaveBeenCalled();
    expect(breaker.stats.rejected).toBe(2);
  });

  it('is open until just before recoveryTimeout, and half open from that instant', () => {
    const testbed = new Testbed().open();

    testbed.clock.advance(RECOVERY - 1);
    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: 1 });
    testbed.rejection();
    testbed.clock.advance(1);

    expect(testbed.breaker).toMatchObject({ state: 'half_open', retryAfter: 0 });
    expect(testbed.succeed()).toBe('answer');
  });

  it('stays open 60 seconds when no recoveryTimeout is given', () => {
    const testbed = new Testbed({ recoveryTimeout: undefined }).open();

    expect(testbed.breaker.retryAfter).toBe(60_000);
    testbed.clock.advance(59_999);
    testbed.rejection();
    testbed.clock.advance(1);

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('changes nothing and tells nobody when the state is read', () => {
    const testbed = new Testbed().open();
    const transitions = testbed.transitions();
    testbed.clock.advance(RECOVERY);
    const epoch = snapshot(testbed.breaker).epoch;

    for (let reads = 0; reads < 3; reads++) expect(testbed.breaker.state).toBe('half_open');

    expect(transitions).toEqual([]);
    expect(snapshot(testbed.breaker).epoch).toBe(epoch);
    testbed.succeed();
    expect(transitions).toEqual(['open > half_open: recovery_timeout', 'half_open > closed: probe_succeeded']);
  });

  it('is not made longer by the calls that it rejects', () => {
    const testbed = new Testbed().open();

    for (let elapsed = 0; elapsed < RECOVERY; elapsed += 100) {
      testbed.rejection();
      testbed.clock.advance(100);
    }

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('lasts until a reset when recoveryTimeout is Infinity', () => {
    const testbed = new Testbed({ recoveryTimeout: Infinity }).open();

    testbed.clock.advance(Number.MAX_SAFE_INTEGER);
    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: Infinity });
    testbed.breaker.reset();

    expect(testbed.breaker).toMatchObject({ state: 'closed', retryAfter: 0 });
  });

  it('may last longer than the longest timer of the platform', () => {
    const testbed = new Testbed({ recoveryTimeout: '365d' }).open();
    const year = 365 * 24 * 60 * 60 * 1000;

    testbed.clock.advance(year - 1);
    testbed.rejection();
    testbed.clock.advance(1);

    expect(testbed.breaker.state).toBe('half_open');
  });
});

describe('rule 7: half open lets probes decide', () => {
  it('lets one probe through at a time, and rejects the others', () => {
    const testbed = new Testbed().halfOpen();

    const probe = testbed.breaker.acquire();

    expect(probe.isProbe).toBe(true);
    expect(testbed.rejection()).toMatchObject({ state: 'half_open', retryAfter: 0 });
    probe.success();
    expect(testbed.breaker.state).toBe('closed');
  });

  it('lets maxCalls probes through at a time, and closes after as many successes', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 3 } }).halfOpen();
    const probes = [1, 2, 3].map(() => testbed.breaker.acquire());
    testbed.rejection();

    probes[0]!.success();
    probes[1]!.success();
    expect(testbed.breaker.state).toBe('half_open');
    probes[2]!.success();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('gives a slot again when its probe has settled', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 2, successThreshold: 9 } }).halfOpen();
    const first = testbed.breaker.acquire();
    testbed.breaker.acquire();
    testbed.rejection();

    first.success();

    expect(testbed.breaker.tryAcquire()?.isProbe).toBe(true);
    expect(testbed.breaker.tryAcquire()).toBeUndefined();
  });

  it('closes after successThreshold successes, though there is one probe at a time', () => {
    const testbed = new Testbed({ halfOpen: { successThreshold: 3 } }).halfOpen();

    testbed.succeed(2);
    expect(testbed.breaker.state).toBe('half_open');
    testbed.succeed();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('closes after one success when successThreshold is below maxCalls', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 5, successThreshold: 1 } }).halfOpen();

    testbed.succeed();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('reopens at the first failure, with a full new open time', () => {
    const testbed = new Testbed({ halfOpen: { successThreshold: 3 } }).halfOpen();
    testbed.clock.advance(5000);
    testbed.succeed(2);

    testbed.fail();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
    testbed.clock.advance(RECOVERY - 1);
    testbed.rejection();
  });

  it('forgets the successes of a half-open time that failed', () => {
    const testbed = new Testbed({ halfOpen: { successThreshold: 2 } }).halfOpen();
    testbed.succeed();
    testbed.fail();
    testbed.clock.advance(RECOVERY);

    testbed.succeed();

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('stays half open as long as nobody calls', () => {
    const testbed = new Testbed().halfOpen();

    testbed.clock.advance(1_000_000);

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('does not judge probes by the window: one success closes', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 2, failureRate: 0.1 } }).halfOpen();

    testbed.succeed();

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { failureRate: 0 } });
  });
});

describe('rule 8: a probe that does not settle loses its slot', () => {
  it('keeps its slot until just before probeTimeout', () => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50 } }).halfOpen();
    testbed.breaker.acquire();

    testbed.clock.advance(49);
    testbed.rejection();
    testbed.clock.advance(1);

    expect(testbed.succeed()).toBe('answer');
    expect(testbed.breaker.state).toBe('closed');
  });

  it.each([
    ['success', { successes: 1, failures: 5, ignored: 0 }],
    ['ignore', { successes: 0, failures: 5, ignored: 1 }],
  ] as const)('counts a %s that comes after it in the same half-open period, and leaves the slot to the next', (answer, counts) => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50, successThreshold: 2 } }).halfOpen();
    const silent = testbed.breaker.acquire();
    testbed.clock.advance(50);
    testbed.breaker.acquire();

    silent[answer]();

    expect(testbed.breaker).toMatchObject({ state: 'half_open', stats: { late: 0, ...counts } });
    testbed.rejection();
  });

  it('closes by the success of a probe that had lost its slot', () => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50 } }).halfOpen();
    const slow = testbed.breaker.acquire();
    testbed.clock.advance(50);
    const next = testbed.breaker.acquire();

    slow.success();

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { late: 0 } });
    next.failure();
    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { late: 1 } });
  });

  it('reopens at the failure of a probe that had lost its slot', () => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50 } }).halfOpen();
    const slow = testbed.breaker.acquire();

    testbed.clock.advance(50);
    slow.failure();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY, stats: { late: 0, failures: 6 } });
  });

  it.each(['success', 'failure', 'ignore'] as const)('is late with a %s that comes in the next half-open period', (answer) => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50 } }).halfOpen();
    const slow = testbed.breaker.acquire();
    testbed.clock.advance(50);
    testbed.fail();
    testbed.clock.advance(RECOVERY);
    testbed.breaker.acquire();

    slow[answer]();

    expect(testbed.breaker).toMatchObject({ state: 'half_open', stats: { late: 1 } });
    testbed.rejection();
  });

  it('lets a dependency recover whose answers take longer than the open time', () => {
    const testbed = new Testbed().halfOpen();
    const probes: Permit[] = [];

    // A call every fifth of the open time; each answer takes seven fifths of it.
    for (let elapsed = 0; testbed.breaker.state !== 'closed' && elapsed < 20 * RECOVERY; elapsed += RECOVERY / 5) {
      const probe = testbed.breaker.tryAcquire();
      if (probe !== undefined) probes.push(probe);
      testbed.clock.advance(RECOVERY / 5);
      if (elapsed + RECOVERY / 5 === 1.4 * RECOVERY) probes[0]!.success();
    }

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { late: 0 } });
    expect(probes).toHaveLength(2);
  });

  it('counts in the last instant before it loses its slot', () => {
    const testbed = new Testbed({ halfOpen: { probeTimeout: 50 } }).halfOpen();
    const probe = testbed.breaker.acquire();

    testbed.clock.advance(49);
    probe.success();

    expect(testbed.breaker.state).toBe('closed');
  });

  it.each([
    ['jitter, which may make the open time as short as it likes', { jitter: 1 }, 0.005],
    ['backoff, which makes it longer', { factor: 2 }, 0.5],
  ])('has the configured recoveryTimeout when no probeTimeout is given, without %s', (_what, recoveryBackoff, random) => {
    const testbed = new Testbed({ recoveryBackoff, random: () => random });
    testbed.open().clock.advance(testbed.breaker.retryAfter);
    testbed.fail();
    testbed.clock.advance(testbed.breaker.retryAfter);
    testbed.breaker.acquire();

    testbed.clock.advance(RECOVERY - 1);
    testbed.rejection();
    testbed.clock.advance(1);

    expect(testbed.succeed()).toBe('answer');
  });

  it('loses its own slot alone: younger probes keep theirs', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 2, probeTimeout: 50 } }).halfOpen();
    testbed.breaker.acquire();
    testbed.clock.advance(30);
    const younger = testbed.breaker.acquire();
    testbed.clock.advance(20);

    expect(testbed.breaker.tryAcquire()).toBeDefined();
    expect(testbed.breaker.tryAcquire()).toBeUndefined();
    younger.success();
    expect(testbed.breaker.stats.late).toBe(0);
  });
});

describe('rule 12: recovery backoff', () => {
  /** Open times of the first opening and of some failed recoveries. */
  function openTimes(testbed: Testbed, reopenings: number): number[] {
    testbed.open();
    const times = [testbed.breaker.retryAfter];
    for (let n = 1; n <= reopenings; n++) {
      testbed.clock.advance(testbed.breaker.retryAfter);
      testbed.fail();
      times.push(testbed.breaker.retryAfter);
    }
    return times;
  }

  it('is off by default: every open time is the same', () => {
    expect(openTimes(new Testbed(), 3)).toEqual([1000, 1000, 1000, 1000]);
  });

  it('waits recoveryTimeout times factor to the n-th at the n-th reopening', () => {
    expect(openTimes(new Testbed({ recoveryBackoff: { factor: 3 } }), 3)).toEqual([1000, 3000, 9000, 27_000]);
  });

  it('doubles, up to ten minutes, when nothing more is said', () => {
    expect(openTimes(new Testbed({ recoveryBackoff: {} }), 11)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 600_000, 600_000,
    ]);
  });

  it('waits without end where recoveryTimeout is Infinity, whatever max says', () => {
    const { breaker } = new Testbed({ recoveryTimeout: Infinity, recoveryBackoff: { max: 5000 } }).open();

    expect(breaker.retryAfter).toBe(Infinity);
  });

  it('waits at most max, after however many reopenings', () => {
    const times = openTimes(new Testbed({ recoveryBackoff: { factor: 10, max: 5000 } }), 400);

    expect(times.slice(0, 3)).toEqual([1000, 5000, 5000]);
    expect(times.at(-1)).toBe(5000);
  });

  it('waits no less than recoveryTimeout, whatever max says', () => {
    expect(openTimes(new Testbed({ recoveryBackoff: { max: 1 } }), 3)).toEqual([1000, 1000, 1000, 1000]);
    expect(openTimes(new Testbed({ recoveryBackoff: { max: 999, factor: 1 } }), 1)).toEqual([1000, 1000]);
  });

  it('begins anew after a close', () => {
    const testbed = new Testbed({ recoveryBackoff: { factor: 3 } });
    openTimes(testbed, 2);
    testbed.clock.advance(testbed.breaker.retryAfter);
    testbed.succeed();

    expect(openTimes(testbed, 1)).toEqual([1000, 3000]);
  });

  it('begins anew after a reset', () => {
    const testbed = new Testbed({ recoveryBackoff: { factor: 3 } });
    openTimes(testbed, 2);
    testbed.breaker.reset();

    expect(openTimes(testbed, 0)).toEqual([1000]);
  });

  it.each([
    [0, [800, 1600]],
    [0.25, [900, 1800]],
    [0.5, [1000, 2000]],
    [0.75, [1100, 2200]],
  ])('spreads each open time by the jitter: random %d', (random, times) => {
    const testbed = new Testbed({ recoveryBackoff: { factor: 2, jitter: 0.2 }, random: () => random });

    expect(openTimes(testbed, 1)).toEqual(times);
  });

  it('never waits longer than max for the jitter', () => {
    const testbed = new Testbed({ recoveryBackoff: { max: 1000, jitter: 1 }, random: () => 0.999 });

    expect(openTimes(testbed, 2)).toEqual([1000, 1000, 1000]);
  });

  it('asks for no random number without jitter', () => {
    const random = jest.fn(() => 0);

    openTimes(new Testbed({ recoveryBackoff: {}, random }), 3);

    expect(random).not.toHaveBeenCalled();
  });

  it('draws one random number for each opening, so that a configure does not move it', () => {
    const random = jest.fn(() => 1 / 4);
    const { breaker, ...rest } = new Testbed({ recoveryBackoff: { jitter: 0.2 }, random }).open();

    configure(breaker, { recoveryTimeout: 2000 });

    expect(rest.clock.now()).toBe(0);
    expect(breaker.retryAfter).toBe(1800);
    expect(random).toHaveBeenCalledTimes(1);
  });
});
