import { Breaker, BreakerRegistry, withBreaker } from '../../lib';
import { type BreakerSnapshot } from '../../lib/operate';
import * as operate from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';
import { RECOVERY, Testbed } from './testbed';

const NO_STATS = { successes: 0, failures: 0, ignored: 0, rejected: 0, late: 0, slow: 0, opens: 0 };

describe('the form of a snapshot', () => {
  it('has nothing of what a fresh breaker does not have', () => {
    const { breaker, clock } = new Testbed({ name: 'users.fetch' });

    expect(Object.entries(operate.snapshot(breaker))).toEqual(
      Object.entries({
        version: 1,
        name: 'users.fetch',
        takenAt: clock.wallTime(),
        epoch: 1,
        state: 'closed',
        failureCount: 0,
        reopenings: 0,
        period: { successes: 0, failures: 0 },
        stats: NO_STATS,
      }),
    );
  });

  it('has the open time, the window, the override and the last error of a breaker that has them', async () => {
    const clock = new ManualClock();
    const registry = new BreakerRegistry({ clock });
    const load = withBreaker(() => Promise.reject(new TypeError('down')), {
      registry,
      name: 'users.fetch',
      key: () => 'eu',
      recoveryTimeout: RECOVERY,
      window: { type: 'count', size: 2, minimumCalls: 1 },
    });
    await load().catch(() => undefined);
    const breaker = registry.get('users.fetch', 'eu')!;
    operate.forceOpen(breaker, { for: 5000, reason: 'moving' });
    clock.advance(100);

    const snapshot = operate.snapshot(breaker);

    expect(snapshot).toEqual({
      version: 1,
      name: 'users.fetch',
      key: 'eu',
      takenAt: clock.wallTime(),
      epoch: 2,
      state: 'open',
      failureCount: 1,
      reopenings: 0,
      open: { openedAt: clock.wallTime() - 100, openTime: RECOVERY, elapsed: 100 },
      period: { successes: 0, failures: 1 },
      window: { type: 'count', outcomes: '1' },
      override: { kind: 'forced_open', remaining: 4900, reason: 'moving' },
      stats: { ...NO_STATS, failures: 1, opens: 1 },
      lastError: { name: 'TypeError', message: 'down' },
    });
    const restored = new Breaker({ clock: new ManualClock({ wallTime: clock.wallTime() }) });
    const overrides: unknown[] = [];
    restored.on('override', ({ override, reason, for: lasts }) => overrides.push([override, reason, lasts]));
    operate.restore(restored, snapshot);
    expect(overrides).toEqual([['forced_open', 'moving', 4900]]);
  });

  it('has an override without an end or a reason, and none that is over', () => {
    const { breaker, clock } = new Testbed();
    operate.disable(breaker);
    expect(operate.snapshot(breaker).override).toStrictEqual({ kind: 'disabled', remaining: 'Infinity' });

    operate.disable(breaker, { for: 50 });
    clock.advance(50);

    expect(operate.snapshot(breaker)).not.toHaveProperty('override');
  });

});

describe('what is said of a malformed snapshot', () => {
  const saved = (): BreakerSnapshot => operate.snapshot(new Testbed({ name: 'users.fetch' }).open().breaker);
  const ofBuckets = (...buckets: object[]) => ({ window: { type: 'time', buckets } });

  it.each<[object, string]>([
    [{ version: 2 }, 'version: must be 1, the version that this breaker-box reads; received 2'],
    [{ state: 'open', open: undefined }, 'open: must be there: state is open; received undefined'],
    [{ state: 'half_open', open: undefined }, 'open: must be there: state is half_open; received undefined'],
    [{ state: 'ajar', open: undefined }, `state: must be 'closed' or 'open' or 'half_open'; received 'ajar'`],
    [{ override: { kind: 'shadow', remaining: -1 } }, `override.remaining: must be a number >= 0, or 'Infinity'; received -1`],
    [{ override: { kind: 'shadow', remaining: 'long' } }, `override.remaining: must be a number >= 0, or 'Infinity'; received 'long'`],
    [{ override: { kind: 'off', remaining: 1 } }, `override.kind: must be 'forced_open' or 'disabled' or 'shadow'; received 'off'`],
    [{ window: null }, 'window: must be an object of options; received null'],
    [{ window: { type: 'time' } }, 'window.buckets: is required; received undefined'],
    [{ window: { type: 'time', buckets: 5 } }, 'window.buckets: must be a list; received 5'],
    [{ window: { type: 'count', outcomes: 5 } }, 'window.outcomes: must be digits from 0 to 3; received 5'],
    [{ window: { type: 'count', outcomes: '0a' } }, `window.outcomes: must be digits from 0 to 3; received '0a'`],
    [{ window: { type: 'count', outcomes: 'a0' } }, `window.outcomes: must be digits from 0 to 3; received 'a0'`],
    [{ window: { type: 'sliding', outcomes: '0' } }, `window.type: must be 'count' or 'time'; received 'sliding'`],
    [ofBuckets({ age: 1, calls: 1, failures: 2, slow: 0 }), 'window.buckets.0.failures: must not be above calls (1); received 2'],
    [ofBuckets({ age: 1, calls: 1, failures: 0, slow: 2 }), 'window.buckets.0.slow: must not be above calls (1); received 2'],
    [ofBuckets({ age: 1, failures: 2, slow: 0 }), 'window.buckets.0.calls: is required; received undefined'],
  ])('%j', (change, message) => {
    const { breaker } = new Testbed({ name: 'users.fetch' });
    expect(() => operate.restore(breaker, { ...saved(), ...change } as never)).toThrow(
      expect.objectContaining({ message: `restore of users.fetch: ${message}` }),
    );
  });

  it('says it of a closed circuit with times of an opening', () => {
    const { breaker } = new Testbed({ name: 'users.fetch' });
    const open = { openedAt: 1, openTime: 2, elapsed: 3 };
    expect(() => operate.restore(breaker, { ...saved(), state: 'closed', open })).toThrow(
      expect.objectContaining({ message: `restore of users.fetch: open: goes with another state than closed; received ${JSON.stringify(open)}` }),
    );
  });

  it('takes bounds: an open time of 0, an override that has nothing left, a window of no outcomes', () => {
    const { breaker } = new Testbed();
    operate.restore(breaker, {
      ...saved(),
      open: { openedAt: 0, openTime: 0, elapsed: 0 },
      override: { kind: 'shadow', remaining: 0 },
      window: { type: 'count', outcomes: '' },
    });
    expect([breaker.state, breaker.override]).toEqual(['half_open', undefined]);
  });
});
