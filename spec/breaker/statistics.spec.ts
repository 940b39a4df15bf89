import { Outage, RECOVERY, Testbed } from './testbed';

describe('Statistics', () => {
  it('of a fresh breaker are all zero', () => {
    expect(new Testbed().breaker.stats).toEqual({
      calls: 0,
      successes: 0,
      failures: 0,
      ignored: 0,
      rejected: 0,
      late: 0,
      slow: 0,
      failureRate: 0,
      slowRate: 0,
      consecutiveFailures: 0,
      opens: 0,
      openedAt: undefined,
    });
    expect(new Testbed().breaker.stats.lastError).toBeUndefined();
  });

  it('count calls as the sum of successes, failures and ignored ones, without rejected and late ones', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    const late = testbed.breaker.acquire();
    testbed.succeed(4);
    testbed.cancel(2);
    testbed.fail(3);
    late.success();
    testbed.rejection();

    expect(testbed.breaker.stats).toMatchObject({ calls: 9, successes: 4, ignored: 2, failures: 3, late: 1, rejected: 1 });
  });

  it('do not count a call that is under way', () => {
    const testbed = new Testbed();
    const permit = testbed.breaker.acquire();

    expect(testbed.breaker.stats.calls).toBe(0);
    permit.success();
    expect(testbed.breaker.stats.calls).toBe(1);
  });

  it('give the rates of the closed period when there is no window', () => {
    const testbed = new Testbed();
    testbed.succeed(3);
    testbed.fail();
    testbed.cancel();
    expect(testbed.breaker.stats.failureRate).toBe(0.25);

    testbed.halfOpen().succeed();

    expect(testbed.breaker.stats).toMatchObject({ failureRate: 0, slowRate: 0 });
    testbed.succeed();
    testbed.fail();
    expect(testbed.breaker.stats.failureRate).toBe(0.5);
  });

  it('give the rates of the window when there is one', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 1 } });
    testbed.fail(2);
    testbed.succeed(3);

    expect(testbed.breaker.stats.failureRate).toBe(0.25);
  });

  it('let the rates of a time window sink while nobody calls', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 5000 } });
    testbed.fail(3);
    expect(testbed.breaker.stats.failureRate).toBe(1);

    testbed.clock.advance(5000);

    expect(testbed.breaker.stats.failureRate).toBe(0);
  });

  it('keep the rates that opened the circuit while it is open', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.75 } });
    testbed.succeed();
    testbed.fail(3);

    expect(testbed.breaker).toMatchObject({ state: 'open', stats: { failureRate: 0.75 } });
  });

  it('go on through openings and recoveries', () => {
    const testbed = new Testbed({ failureThreshold: 2 });
    for (let outage = 0; outage < 3; outage++) testbed.halfOpen().succeed();

    expect(testbed.breaker.stats).toMatchObject({ opens: 3, failures: 6, successes: 3 });
  });

  it('count failed probes into the consecutive failures', () => {
    const testbed = new Testbed({ failureThreshold: 2 }).halfOpen();
    testbed.fail();
    testbed.clock.advance(RECOVERY);
    testbed.fail();

    expect(testbed.breaker).toMatchObject({ failureCount: 4, stats: { consecutiveFailures: 4, opens: 3 } });
  });

  it('tell when the circuit opened, by the wall clock, until it closes', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    testbed.clock.jumpWallTime(5000);
    testbed.fail();
    const openedAt = testbed.clock.wallTime();
    testbed.clock.advance(RECOVERY);
    expect(testbed.breaker.stats.openedAt).toBe(openedAt);
    testbed.fail();
    expect(testbed.breaker.stats.openedAt).toBe(openedAt + RECOVERY);
    testbed.clock.advance(RECOVERY);

    testbed.succeed();

    expect(testbed.breaker.stats.openedAt).toBeUndefined();
  });

  it('keep the last error that was a failure until the circuit has recovered', () => {
    const testbed = new Testbed({ failureThreshold: 2 });
    const error = new Outage('the last one');
    testbed.fail();
    testbed.fail(1, error);
    testbed.clock.advance(RECOVERY);
    testbed.cancel();
    expect(testbed.breaker.stats.lastError).toBe(error);
    testbed.succeed();

    expect(testbed.breaker.stats.lastError).toBeUndefined();
  });

  it('are a picture: what happens later does not show in them', () => {
    const testbed = new Testbed();
    const { stats } = testbed.breaker;

    testbed.fail();

    expect(stats.failures).toBe(0);
  });
});
