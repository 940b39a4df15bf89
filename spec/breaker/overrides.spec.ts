import { TimerClock } from '../support/timer-clock';
import { ConfigurationError, BreakerRegistry, withPolicies, type Breaker } from '../../lib';
import { clearOverride, disable, forceOpen, type OverrideOptions, shadow } from '../../lib/operate';
import { RECOVERY, Testbed } from './testbed';

type Override = 'forceOpen' | 'disable' | 'shadow';
const OVERRIDES: Override[] = ['forceOpen', 'disable', 'shadow'];

describe('rule 14: forceOpen rejects all', () => {
  it('rejects without running the function, however healthy the breaker is', () => {
    const testbed = new Testbed();
    testbed.succeed();

    forceOpen(testbed.breaker);

    expect(testbed.rejection()).toMatchObject({ state: 'open', retryAfter: Infinity, openedAt: undefined });
    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: Infinity, override: 'forced_open' });
    expect(testbed.breaker.stats).toMatchObject({ rejected: 1, calls: 1, opens: 0 });
  });

  it('rejects until its time ends, and says how long that is', () => {
    const testbed = new Testbed();
    forceOpen(testbed.breaker, { for: '5s' });

    testbed.clock.advance(4999);
    expect(testbed.rejection().retryAfter).toBe(1);
    expect(testbed.breaker.retryAfter).toBe(1);
    testbed.clock.advance(1);

    expect(testbed.breaker).toMatchObject({ state: 'closed', retryAfter: 0, override: undefined });
    expect(testbed.succeed()).toBe('answer');
  });

  it('rejects past the recovery of the circuit beneath', () => {
    const testbed = new Testbed().open();
    forceOpen(testbed.breaker, { for: 10 * RECOVERY });

    testbed.clock.advance(5 * RECOVERY);

    expect(testbed.rejection()).toMatchObject({ state: 'open', retryAfter: 5 * RECOVERY });
  });

  it('goes on in the state it had, whose open time went on meanwhile', () => {
    const testbed = new Testbed().open();
    testbed.clock.advance(200);
    forceOpen(testbed.breaker, { for: 300 });

    testbed.clock.advance(300);

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: 500, failureCount: 5 });
  });

  it('keeps the consecutive count of a closed circuit', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    testbed.fail(2);
    forceOpen(testbed.breaker);
    testbed.rejection();

    clearOverride(testbed.breaker);
    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 2 });
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('lets the calls under way count, for they are of the machine beneath', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    const permit = testbed.breaker.acquire();
    forceOpen(testbed.breaker);

    permit.failure();
    clearOverride(testbed.breaker);

    expect(testbed.breaker).toMatchObject({ state: 'open', stats: { failures: 1, late: 0 } });
  });
});

describe('rule 14: disable admits all and records nothing', () => {
  it('runs every call, however broken the dependency is', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    disable(testbed.breaker);

    testbed.fail(10);

    expect(testbed.runs).toBe(10);
    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 0, override: 'disabled', retryAfter: 0 });
  });

  it('lets its statistics stand still, and emits no outcome', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4 } });
    testbed.fail();
    const before = testbed.breaker.stats;
    const events = testbed.listen('success', 'failure', 'ignored', 'late', 'probe');
    disable(testbed.breaker);

    testbed.fail(3);
    testbed.succeed(3);
    testbed.cancel(3);

    expect(testbed.breaker.stats).toEqual(before);
    expect(events).toEqual([]);
  });

  it('shows an open circuit as closed, which is what a caller meets, and goes on as open when cleared', () => {
    const testbed = new Testbed().open();
    disable(testbed.breaker);
    expect(testbed.breaker).toMatchObject({ state: 'closed', retryAfter: 0 });
    expect(testbed.succeed()).toBe('answer');

    clearOverride(testbed.breaker);

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
  });

  it('ends by itself after its time', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    disable(testbed.breaker, { for: 100 });
    testbed.clock.advance(99);
    testbed.fail();
    expect(testbed.breaker.state).toBe('closed');

    testbed.clock.advance(1);
    testbed.fail();

    expect(testbed.breaker).toMatchObject({ state: 'open', override: undefined });
  });

  it('never records a call that it admitted, even when it has ended before the call', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    disable(testbed.breaker);
    const permit = testbed.breaker.acquire();
    clearOverride(testbed.breaker);

    permit.failure();

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { calls: 0, late: 0 } });
  });

  it('says nothing of a call that shadow let through before it', () => {
    const testbed = new Testbed().open();
    shadow(testbed.breaker);
    const permit = testbed.breaker.acquire();
    disable(testbed.breaker);
    const events = testbed.listen('success', 'failure');

    permit.success();

    expect(events).toEqual([]);
  });

  it.each<[string, () => string]>([
    ['works', () => 'answer'],
    ['fails', () => { throw new Error('down'); }],
  ])('records nothing of a plain call under way that %s', (_how, end) => {
    const { breaker } = new Testbed({ failureThreshold: 1 });

    try {
      breaker.executeSync(() => {
        disable(breaker);
        return end();
      });
    } catch {
      // what it failed with is its caller's
    }
    clearOverride(breaker);

    expect(breaker).toMatchObject({ state: 'closed', stats: { calls: 0, late: 0 } });
  });

  it('records nothing of a call that began before it, and gives its slot back', () => {
    const testbed = new Testbed().halfOpen();
    const probe = testbed.breaker.acquire();
    disable(testbed.breaker);
    probe.failure();
    clearOverride(testbed.breaker);

    expect(testbed.breaker).toMatchObject({ state: 'half_open', stats: { failures: 5, late: 0 } });
    expect(testbed.succeed()).toBe('answer');
    expect(testbed.breaker.state).toBe('closed');
  });
});

describe('rule 14: shadow runs the machine and admits all', () => {
  it('goes through the states as usual', () => {
    const testbed = new Testbed();
    const transitions = testbed.transitions();
    shadow(testbed.breaker);

    testbed.open();
    expect(testbed.breaker).toMatchObject({ state: 'open', override: 'shadow', retryAfter: RECOVERY });
    testbed.clock.advance(RECOVERY);
    expect(testbed.breaker.state).toBe('half_open');
    testbed.succeed();

    expect(transitions).toEqual([
      'closed > open: failure_threshold',
      'open > half_open: recovery_timeout',
      'half_open > closed: probe_succeeded',
    ]);
  });

  it('admits what it would have rejected, counts it nowhere, and marks its events', () => {
    const testbed = new Testbed();
    shadow(testbed.breaker);
    testbed.open();
    const before = testbed.breaker.stats;
    const events = testbed.listen('success', 'failure', 'ignored', 'reject');

    testbed.succeed();
    testbed.fail();
    testbed.cancel();

    expect(events.map(({ type, ...details }) => [type, 'wouldReject' in details])).toEqual([
      ['success', true],
      ['failure', true],
      ['ignored', true],
    ]);
    expect(testbed.breaker.stats).toEqual(before);
  });

  it('marks nothing while the circuit is closed', () => {
    const testbed = new Testbed();
    shadow(testbed.breaker);
    const events = testbed.listen('success');

    testbed.succeed();

    expect(events[0]).not.toHaveProperty('wouldReject');
  });

  it('marks the calls for which no probe slot is left', () => {
    const testbed = new Testbed();
    shadow(testbed.breaker);
    testbed.halfOpen();
    const probe = testbed.breaker.acquire();
    const other = testbed.breaker.acquire();
    const events = testbed.listen('success');

    other.success();
    expect([probe.isProbe, other.isProbe]).toEqual([true, false]);
    expect(testbed.breaker.state).toBe('half_open');
    probe.success();

    expect(events.map((event) => event.wouldReject)).toEqual([true, undefined]);
    expect(testbed.breaker.state).toBe('closed');
  });

  it('rejects again when its time has ended', () => {
    const testbed = new Testbed();
    shadow(testbed.breaker, { for: 100 });
    testbed.open();
    testbed.succeed();

    testbed.clock.advance(100);

    expect(testbed.rejection().retryAfter).toBe(RECOVERY - 100);
  });
});

describe.each(OVERRIDES)('rule 14: %s', (override) => {
  it('survives a reset', () => {
    const testbed = new Testbed();
    lay(testbed.breaker, override, { for: 1000 });
    const { override: kind, state } = testbed.breaker;

    testbed.breaker.reset();

    expect(testbed.breaker).toMatchObject({ override: kind, state });
    testbed.clock.advance(1000);
    expect(testbed.breaker.override).toBeUndefined();
  });

  it('is replaced by the next override', () => {
    const { breaker } = new Testbed();
    lay(breaker, override);

    disable(breaker);

    expect(breaker.override).toBe('disabled');
  });

  it('emits one override event at each call, and one when it is cleared', () => {
    const testbed = new Testbed({ name: 'payments' });
    const events = testbed.listen('override');
    lay(testbed.breaker, override, { for: '2s', reason: 'maintenance' });
    const kind = testbed.breaker.override;

    clearOverride(testbed.breaker);

    const about = { type: 'override', operation: 'payments', at: testbed.clock.wallTime() };
    expect(events).toEqual([
      { ...about, override: kind, for: 2000, reason: 'maintenance' },
      { ...about, override: undefined },
    ]);
  });

  it('tells how long it lasts from now on, at whatever time it is laid', () => {
    const testbed = new Testbed();
    const events = testbed.listen('override');
    testbed.clock.advance(77);

    lay(testbed.breaker, override, { for: '1h' });

    expect(events).toMatchObject([{ for: 3_600_000 }]);
  });

  it('emits no transition', () => {
    const testbed = new Testbed().open();
    const transitions = testbed.transitions();

    lay(testbed.breaker, override);
    clearOverride(testbed.breaker);

    expect(transitions).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a time of zero', { for: 0 }, 'for'],
    ['a negative time', { for: -1 }, 'for'],
    ['a malformed time', { for: 'an hour' }, 'for'],
    ['a reason that is no text', { reason: 5 }, 'reason'],
    ['an option it does not know', { during: '5s' }, 'during'],
    ['a reason of more than 200 characters', { reason: 'x'.repeat(201) }, 'reason'],
  ])('refuses %s, and changes nothing', (_what, options, path) => {
    const { breaker } = new Testbed();

    expect(thrownBy(() => lay(breaker, override, options as OverrideOptions))).toMatchObject({ issues: [{ path }] });

    expect(breaker.override).toBeUndefined();
  });

  it('lasts as long as it is told to, beyond the longest timer of the platform', () => {
    const testbed = new Testbed();
    lay(testbed.breaker, override, { for: '100d' });

    testbed.clock.advance(100 * 86_400_000 - 1);
    expect(testbed.breaker.override).toBeDefined();
    testbed.clock.advance(1);

    expect(testbed.breaker.override).toBeUndefined();
  });
});

describe('clearOverride', () => {
  it('changes nothing in the state of a breaker without an override', () => {
    const testbed = new Testbed().open();

    clearOverride(testbed.breaker);

    expect(testbed.breaker).toMatchObject({ state: 'open', override: undefined });
  });
});

function lay(breaker: Breaker, override: Override, options?: OverrideOptions): void {
  ({ forceOpen, disable, shadow })[override](breaker, options);
}

function thrownBy(act: () => void): ConfigurationError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a circuit that is open beneath a shadow', () => {
  it('is not waited for by a retry: the next attempt will be let through', async () => {
    const clock = new TimerClock();
    let runs = 0;
    const call = withPolicies(async () => {
      if (++runs < 3) throw new Error('down');
      return 'it';
    }, { clock, registry: new BreakerRegistry(), retry: { baseDelay: 10, jitter: false }, breaker: {} });
    call.breaker!.trip();
    shadow(call.breaker!);
    expect(await clock.until(call())).toBe('it');
    expect(clock.delays).toEqual([10, 20]);
  });
});
