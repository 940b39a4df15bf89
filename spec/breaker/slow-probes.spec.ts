import { BreakerRegistry, withBreaker, type BreakerOptions } from '../../lib';
import { type BreakerSnapshot } from '../../lib/operate';
import * as operate from '../../lib/operate';
import { TimerClock } from '../support/timer-clock';
import { Outage, RECOVERY, Testbed } from './testbed';

const SLOW = 101;
const window = { type: 'count', size: 4, failureRate: 0.75, slowCallDuration: 100, slowCallRate: 0.5 } as const;

/** A call that takes some time, by a permit taken by hand. */
function take(testbed: Testbed, durationMs: number): void {
  const permit = testbed.breaker.acquire();
  testbed.clock.advance(durationMs);
  permit.success();
}

function openedBySlowness(options: BreakerOptions = {}): Testbed {
  const testbed = new Testbed({ window, ...options });
  while (testbed.breaker.state === 'closed') take(testbed, SLOW);
  testbed.clock.advance(RECOVERY);
  return testbed;
}

describe('rule 7: slowness does not close what slowness opened', () => {
  it('reopens at a probe that works and is slow, with a full new open time', () => {
    const testbed = openedBySlowness();
    const transitions = testbed.transitions();
    const outcomes = testbed.listen('success', 'failure');

    take(testbed, SLOW);

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
    expect(transitions).toEqual(['open > half_open: recovery_timeout', 'half_open > open: probe_failed']);
    expect(outcomes).toEqual([expect.objectContaining({ type: 'failure', duration: SLOW })]);
    expect(testbed.breaker.stats).toMatchObject({ successes: 4, failures: 1, slow: 5 });
  });

  it('closes at a probe that works in time', () => {
    const testbed = openedBySlowness();

    take(testbed, 100);

    expect(testbed.breaker.state).toBe('closed');
  });

  it('still knows that after several reopenings, by slow probes and by failed ones', () => {
    const testbed = openedBySlowness();
    take(testbed, SLOW);
    testbed.clock.advance(RECOVERY);
    testbed.fail();
    testbed.clock.advance(RECOVERY);

    take(testbed, SLOW);

    expect(testbed.breaker.state).toBe('open');
  });

  it('counts a slow probe that had lost its slot the same', () => {
    const testbed = openedBySlowness({ halfOpen: { probeTimeout: 50 } });

    take(testbed, SLOW);

    expect(testbed.breaker).toMatchObject({ state: 'open', stats: { late: 0 } });
  });

  it('opened by failures while its calls were slow as well, it is not closed by slowness either', () => {
    const testbed = new Testbed({ window });
    for (let n = 0; n < 4; n++) {
      const permit = testbed.breaker.acquire();
      testbed.clock.advance(SLOW);
      permit.failure(new Outage('down'));
    }
    testbed.clock.advance(RECOVERY);

    take(testbed, SLOW);

    expect(testbed.breaker.state).toBe('open');
  });

  it.each<[string, (testbed: Testbed) => void]>([
    ['failures', (testbed) => testbed.fail(3)],
    ['an operator', (testbed) => testbed.breaker.trip()],
  ])('is closed by a slow probe when %s opened it', (_what, open) => {
    const testbed = new Testbed({ window });
    take(testbed, SLOW);
    open(testbed);
    testbed.clock.advance(RECOVERY);

    take(testbed, SLOW);

    expect(testbed.breaker.state).toBe('closed');
  });

  it('begins anew after a recovery: what opens it next decides', () => {
    const testbed = openedBySlowness();
    take(testbed, 1);
    testbed.fail(4);
    testbed.clock.advance(RECOVERY);

    take(testbed, SLOW);

    expect(testbed.breaker.state).toBe('closed');
  });

  it('is not slow any more once slow calls are not counted', () => {
    const testbed = openedBySlowness();
    operate.configure(testbed.breaker, { window: { type: 'count', size: 4 } });

    take(testbed, SLOW);

    expect(testbed.breaker.state).toBe('closed');
  });

  it.each(['open', 'half_open'] as const)('survives a snapshot that was taken %s', (state) => {
    const testbed = new Testbed({ window });
    while (testbed.breaker.state === 'closed') take(testbed, SLOW);
    if (state === 'half_open') {
      testbed.clock.advance(RECOVERY);
      testbed.breaker.acquire();
    }
    const snapshot = JSON.parse(JSON.stringify(operate.snapshot(testbed.breaker))) as BreakerSnapshot;
    expect(snapshot).toMatchObject({ state, open: { bySlowness: true } });

    const restored = new Testbed({ window });
    operate.restore(restored.breaker, snapshot);
    restored.clock.advance(RECOVERY);
    take(restored, SLOW);

    expect(restored.breaker.state).toBe('open');
    expect(operate.snapshot(restored.breaker).open?.bySlowness).toBe(true);
  });

  it('counts a stream that took too long, of a keyed breaker with a time window', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const read = withBreaker(
      async function* (_shard: string, lastsMs: number) {
        yield 'first';
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, lastsMs);
        });
        yield 'last';
      },
      {
        name: 'read',
        registry,
        recoveryTimeout: RECOVERY,
        key: (shard: string) => shard,
        window: { type: 'time', duration: '1m', minimumCalls: 2, slowCallDuration: 100, slowCallRate: 0.5 },
      },
    );
    const consume = async (lastsMs: number): Promise<void> => {
      const all = (async () => {
        for await (const _item of read('eu', lastsMs));
      })();
      await clock.until(all);
    };

    await consume(SLOW);
    await consume(SLOW);
    const breaker = registry.get('read', 'eu')!;
    expect(breaker.state).toBe('open');
    await clock.advance(RECOVERY);
    await consume(SLOW);
    expect(breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
    await clock.advance(RECOVERY);
    await consume(99);

    expect(breaker.state).toBe('closed');
  });
});
