import { CircuitOpenError, type Permit } from '../../lib';
import { restore, snapshot } from '../../lib/operate';
import { Outage, RECOVERY, settled, Testbed } from './testbed';

const ANSWERS: Record<string, (permit: Permit) => void> = {
  success: (permit) => permit.success('answer'),
  failure: (permit) => permit.failure(new Outage('late')),
  'ignored outcome': (permit) => permit.ignore(),
};

/** Where a breaker may have come to while a call was under way. */
const MEANWHILE: Record<string, (testbed: Testbed) => void> = {
  opened: (testbed) => testbed.open(),
  'gone half open': (testbed) => testbed.halfOpen().breaker.acquire(),
  recovered: (testbed) => testbed.halfOpen().succeed(),
  'opened again': (testbed) => testbed.halfOpen().fail(),
  'been tripped': ({ breaker }) => breaker.trip(),
  'been reset': ({ breaker }) => breaker.reset(),
  'been restored': ({ breaker }) => restore(breaker, snapshot(breaker)),
};

describe('rule 9: results of an older epoch change nothing', () => {
  describe.each(Object.entries(MEANWHILE))('when the breaker has %s meanwhile', (_what, happen) => {
    it.each(Object.entries(ANSWERS))('counts a %s as late, and nothing else', (_answer, settle) => {
      const testbed = new Testbed({ halfOpen: { successThreshold: 1, maxCalls: 2 } });
      const permit = testbed.breaker.acquire();
      happen(testbed);
      const before = reading(testbed);
      const outcomes = testbed.listen('success', 'failure', 'ignored', 'transition');
      const late = testbed.listen('late');

      settle(permit);

      expect(reading(testbed)).toEqual({ ...before, stats: { ...before.stats, late: before.stats.late + 1 } });
      expect(outcomes).toEqual([]);
      expect(late).toHaveLength(1);
    });
  });

  it('does not extend the outage by failures that began before the trip', async () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    const failLater = holdCall(testbed);
    testbed.fail();
    testbed.clock.advance(RECOVERY / 2);

    await failLater();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY / 2, failureCount: 1 });
  });

  it('does not reopen a recovered circuit by a failure that began before the trip', async () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    const failLater = holdCall(testbed);
    testbed.halfOpen().succeed();

    await failLater();

    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 0, stats: { late: 1 } });
  });

  it('does not fail a half-open circuit by a call that began before the trip', async () => {
    const testbed = new Testbed({ failureThreshold: 1, halfOpen: { successThreshold: 2 } });
    const failLater = holdCall(testbed);
    testbed.halfOpen().succeed();

    await failLater();

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('passes a late result on to its caller all the same', async () => {
    const testbed = new Testbed();
    const succeeds = testbed.breaker.execute(async () => 'answer');
    const error = new Outage('down');
    const fails = testbed.breaker.execute(() => Promise.reject(error));
    testbed.open();

    await expect(succeeds).resolves.toBe('answer');
    await expect(fails).rejects.toBe(error);
    expect(testbed.breaker.stats.late).toBe(2);
  });

  it('keeps late outcomes out of a window', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 2 } });
    const permits = [testbed.breaker.acquire(), testbed.breaker.acquire()];
    testbed.breaker.reset();

    for (const permit of permits) permit.failure();

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { failureRate: 0 } });
  });

  it('tells with the late event how long it took and how it ended', () => {
    const testbed = new Testbed({ name: 'users.fetch' });
    const permit = testbed.breaker.acquire();
    testbed.open();
    const late = testbed.listen('late');
    const error = new Outage('late');

    testbed.clock.advance(70);
    permit.failure(error);

    expect(late).toEqual([{ type: 'late', operation: 'users.fetch', at: testbed.clock.wallTime(), duration: 70, error }]);
  });
});

describe('rule 10: a trip happens once', () => {
  it('is one transition when a hundred calls fail together', async () => {
    const testbed = new Testbed({ failureThreshold: 5 });
    const transitions = testbed.transitions();
    const calls = Array.from({ length: 100 }, () => holdCall(testbed));

    await Promise.all(calls.map((failLater) => failLater()));

    expect(transitions).toEqual(['closed > open: failure_threshold']);
    expect(testbed.breaker.failureCount).toBe(5);
    expect(testbed.breaker.stats).toMatchObject({ calls: 5, failures: 5, late: 95, opens: 1 });
  });

  it('is one transition when the window trips under a hundred failing calls', async () => {
    const testbed = new Testbed({ window: { type: 'count', size: 10 } });
    const transitions = testbed.transitions();
    const calls = Array.from({ length: 100 }, () => holdCall(testbed));

    await Promise.all(calls.map((failLater) => failLater()));

    expect(transitions).toEqual(['closed > open: failure_rate']);
    expect(testbed.breaker.stats).toMatchObject({ failures: 10, late: 90, opens: 1 });
  });

  it('is one transition when probes fail together', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 3 } }).halfOpen();
    const probes = [1, 2, 3].map(() => testbed.breaker.acquire());
    const transitions = testbed.transitions();

    for (const probe of probes) probe.failure();

    expect(transitions).toEqual(['half_open > open: probe_failed']);
    expect(testbed.breaker.stats.late).toBe(2);
  });

  it('is one transition when probes succeed together', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 3, successThreshold: 1 } }).halfOpen();
    const probes = [1, 2, 3].map(() => testbed.breaker.acquire());
    const transitions = testbed.transitions();

    for (const probe of probes) probe.success();

    expect(transitions).toEqual(['half_open > closed: probe_succeeded']);
    expect(testbed.breaker.stats).toMatchObject({ successes: 1, late: 2 });
  });
});

/** A call under way. @returns Fails it. */
function holdCall({ breaker }: Testbed): () => Promise<void> {
  let fail!: (error: Error) => void;
  const work = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const result = breaker.execute(() => work).catch((error: unknown) => error);
  return async () => {
    fail(new Outage('down'));
    expect(await result).not.toBeInstanceOf(CircuitOpenError);
    await settled();
  };
}

function reading({ breaker }: Testbed) {
  const { state, failureCount, retryAfter, stats } = breaker;
  return { state, failureCount, retryAfter, stats };
}
