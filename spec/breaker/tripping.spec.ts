import { RECOVERY, Testbed } from './testbed';

describe('rule 5: closed becomes open at the consecutive count', () => {
  it('stays closed one failure before the threshold and opens at it', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    const { breaker } = testbed;

    testbed.fail(2);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
    expect(breaker.failureCount).toBe(3);
  });

  it('begins to count anew after a success', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    const { breaker } = testbed;

    testbed.fail(2);
    testbed.succeed();
    testbed.fail(2);

    expect(breaker.state).toBe('closed');
    expect(breaker.failureCount).toBe(2);
  });

  it('does not begin anew after an ignored outcome', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    const { breaker } = testbed;

    testbed.fail(2);
    testbed.cancel(5);
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('never opens with a threshold of Infinity', () => {
    const testbed = new Testbed({ failureThreshold: Infinity });
    const { breaker } = testbed;

    testbed.fail(1000);

    expect(breaker.state).toBe('closed');
    expect(breaker.failureCount).toBe(1000);
  });

  it('says in the transition event what tripped it', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    const transitions = testbed.transitions();

    testbed.fail();

    expect(transitions).toEqual(['closed > open: failure_threshold']);
  });
});

describe('rule 5: closed becomes open at the failure rate of a window', () => {
  it('waits for minimumCalls outcomes', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 10, minimumCalls: 4, failureRate: 0.5 } });
    const { breaker } = testbed;

    testbed.fail(3);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('waits for a full count window when minimumCalls is not given', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4 } });
    const { breaker } = testbed;

    testbed.fail(3);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('waits for 20 outcomes in a time window when minimumCalls is not given', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: '10s' } });
    const { breaker } = testbed;

    testbed.fail(19);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('opens when the rate is met, not only when it is passed', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.5 } });
    const { breaker } = testbed;

    testbed.fail();
    testbed.succeed(2);
    testbed.fail();

    expect(breaker.stats.failureRate).toBe(0.5);
    expect(breaker.state).toBe('open');
  });

  it('stays closed under the rate, however many failures follow each other', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 10, minimumCalls: 10, failureRate: 0.6 } });
    const { breaker } = testbed;

    testbed.succeed(5);
    testbed.fail(5);

    expect(breaker.failureCount).toBe(5);
    expect(breaker.state).toBe('closed');
  });

  it('is judged after a success too, which may be the outcome that minimumCalls waited for', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.5 } });
    const { breaker } = testbed;

    testbed.fail(3);
    testbed.succeed();

    expect(breaker.state).toBe('open');
  });

  it('counts the last `size` outcomes alone', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.75 } });
    const { breaker } = testbed;

    testbed.succeed(100);
    testbed.fail(2);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('counts the outcomes of the last `duration` alone', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 1000, minimumCalls: 3 } });
    const { breaker, clock } = testbed;

    testbed.fail(2);
    clock.advance(1000);
    testbed.fail(2);
    expect(breaker.state).toBe('closed');
    testbed.fail();

    expect(breaker.state).toBe('open');
  });

  it('holds no ignored outcomes', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.5 } });
    const { breaker } = testbed;

    testbed.cancel(4);
    testbed.fail(3);

    expect(breaker.stats.failureRate).toBe(1);
    expect(breaker.state).toBe('closed');
  });

  it('replaces the consecutive count', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 100 } });
    const { breaker } = testbed;

    testbed.fail(99);

    expect(breaker.state).toBe('closed');
  });

  it('says in the transition event what tripped it', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 1 } });
    const transitions = testbed.transitions();

    testbed.fail();

    expect(transitions).toEqual(['closed > open: failure_rate']);
  });
});

describe('rule 5: closed becomes open at the slow rate of a window', () => {
  const window = { type: 'count', size: 4, failureRate: 1, slowCallDuration: 100, slowCallRate: 0.5 } as const;

  it('opens on calls that work and take too long', () => {
    const testbed = new Testbed({ window });
    const transitions = testbed.transitions();

    testbed.succeed(2);
    take(testbed, 101);
    take(testbed, 101);

    expect(transitions).toEqual(['closed > open: slow_rate']);
  });

  it('stays closed while fewer calls are slow', () => {
    const testbed = new Testbed({ window });

    testbed.succeed(3);
    take(testbed, 101);

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { slow: 1, slowRate: 0.25 } });
  });

  it('never judges how long calls take when no slowCallDuration is given', () => {
    const options = { window: { type: 'count', size: 8 } } as const;
    const [plain, judging] = [new Testbed(options), new Testbed({ ...options, handleResult: (value) => value === 'no' })];

    for (const testbed of [plain, judging]) {
      testbed.succeed();
      testbed.fail();
      testbed.breaker.executeSync(() => 'no');
    }

    expect(plain.breaker.stats).toMatchObject({ successes: 2, failures: 1, slow: 0, slowRate: 0 });
    expect(judging.breaker.stats).toMatchObject({ successes: 1, failures: 2, slow: 0, slowRate: 0 });
  });

  it('takes a call of just slowCallDuration for a fast one', () => {
    const testbed = new Testbed({ window });

    for (let call = 0; call < 4; call++) take(testbed, 100);

    expect(testbed.breaker.stats).toMatchObject({ slow: 0, slowRate: 0 });
    expect(testbed.breaker.state).toBe('closed');
  });

  it('counts a failure that was slow for both rates', () => {
    const testbed = new Testbed({ window: { ...window, size: 2, slowCallRate: 1 } });

    take(testbed, 101, new Error('down'));
    testbed.succeed();

    expect(testbed.breaker.stats).toMatchObject({ slow: 1, slowRate: 0.5, failureRate: 0.5 });
  });

  it('leaves ignored calls out, however slow', () => {
    const testbed = new Testbed({ window: { ...window, size: 1, slowCallRate: 1 } });

    take(testbed, 5000, new DOMException('cancelled', 'AbortError'));

    expect(testbed.breaker.stats).toMatchObject({ slow: 0, ignored: 1 });
    expect(testbed.breaker.state).toBe('closed');
  });
});

describe('rule 11: entering closed clears windows and counts', () => {
  it('needs the whole threshold again after a recovery', () => {
    const testbed = new Testbed({ failureThreshold: 3 }).halfOpen();
    testbed.succeed();
    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 0 });

    testbed.fail(2);

    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 2 });
  });

  it('empties the window at a recovery', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.5 } }).halfOpen();
    testbed.succeed();

    expect(testbed.breaker.stats).toMatchObject({ failureRate: 0, slowRate: 0 });
    testbed.fail(3);

    expect(testbed.breaker.state).toBe('closed');
  });

  it('empties a time window too, whose outcomes would be young enough to count', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 10 * RECOVERY, minimumCalls: 4 } }).halfOpen();
    testbed.succeed();

    testbed.fail(3);

    expect(testbed.breaker.state).toBe('closed');
  });
});

function take(testbed: Testbed, durationMs: number, error?: Error): void {
  const permit = testbed.breaker.acquire();
  testbed.clock.advance(durationMs);
  if (error === undefined) permit.success();
  else if (error.name === 'AbortError') permit.ignore();
  else permit.failure(error);
}
