import { rejectionOf } from '../composition/support/flaky';
import { Breaker, type BreakerEvents, breakerOf, BreakerRegistry, withPolicies } from '../../lib';
import { clearOverride, disable, forceOpen, restore, snapshot } from '../../lib/operate';
import { Outage, RECOVERY, settled, Testbed } from './testbed';

describe('rule 13: state is committed before listeners run', () => {
  it.each<[keyof BreakerEvents, (testbed: Testbed) => void, object]>([
    ['failure', ({ breaker }) => breaker.acquire().failure(), { failureCount: 1, stats: { failures: 1, calls: 1 } }],
    ['success', ({ breaker }) => breaker.acquire().success(), { stats: { successes: 1, calls: 1 } }],
    ['ignored', ({ breaker }) => breaker.acquire().ignore(), { stats: { ignored: 1, calls: 1 } }],
    ['override', ({ breaker }) => forceOpen(breaker), { override: 'forced_open', state: 'open' }],
    ['transition', ({ breaker }) => breaker.trip(), { state: 'open', retryAfter: RECOVERY, stats: { opens: 1 } }],
  ])('shows a %s listener the state after it', (type, act, after) => {
    const testbed = new Testbed();
    const seen = jest.fn();
    testbed.breaker.on(type, () => {
      expect(testbed.breaker).toMatchObject(after);
      seen();
    });

    act(testbed);

    expect(seen).toHaveBeenCalledTimes(1);
  });

  it('shows a reject listener that the rejection is counted', () => {
    const testbed = new Testbed().open();
    const rejected: number[] = [];
    testbed.breaker.on('reject', () => rejected.push(testbed.breaker.stats.rejected));

    testbed.rejection();

    expect(rejected).toEqual([1]);
  });

  it('shows a transition listener the closed state after a recovery', () => {
    const testbed = new Testbed().halfOpen();
    const seen: unknown[] = [];
    testbed.breaker.on('transition', ({ to }) => seen.push([to, testbed.breaker.state, testbed.breaker.failureCount]));

    testbed.succeed();

    expect(seen).toEqual([['half_open', 'half_open', 5], ['closed', 'closed', 0]]);
  });

  it('lets a listener reset the breaker that opens', () => {
    const testbed = new Testbed({ failureThreshold: 1 });
    testbed.breaker.on('transition', ({ to }) => to === 'open' && testbed.breaker.reset());
    const transitions = testbed.transitions();

    testbed.fail();

    expect(testbed.breaker.state).toBe('closed');
    expect(testbed.succeed()).toBe('answer');
    expect([...transitions].sort()).toEqual(['closed > open: failure_threshold', 'open > closed: reset']);
  });

  it('rejects the call whose finding of half open a listener answers by a trip', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.on('transition', ({ to }) => to === 'half_open' && testbed.breaker.trip('not yet'));

    testbed.rejection();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
  });

  it('admits the call whose finding of half open a listener answers by a reset', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.on('transition', ({ to }) => to === 'half_open' && testbed.breaker.reset());

    const permit = testbed.breaker.acquire();

    expect(permit.isProbe).toBe(false);
    expect(testbed.breaker.state).toBe('closed');
  });

  it('makes a probe late whose probe listener resets the breaker', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.on('probe', () => testbed.breaker.reset());

    testbed.breaker.acquire().failure();

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { late: 1, failures: 0 } });
  });

  it('lets a failure listener call the breaker', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    let nested = 0;
    testbed.breaker.on('failure', () => {
      if (nested++ === 0) testbed.fail();
    });

    testbed.fail();

    expect(testbed.breaker.failureCount).toBe(2);
  });

  it('shows listeners of a restore everything that was restored, the override too', () => {
    const saved = new Testbed().open();
    forceOpen(saved.breaker, { for: '1h' });
    const { breaker, clock } = new Testbed();
    const seen: unknown[] = [];
    breaker.on('transition', () => seen.push([breaker.state, breaker.override, breaker.retryAfter]));
    breaker.on('override', () => seen.push([breaker.state, breaker.override, breaker.retryAfter]));

    restore(breaker, snapshot(saved.breaker));

    expect(clock.now()).toBe(0);
    expect(seen).toEqual([['open', 'forced_open', 3_600_000], ['open', 'forced_open', 3_600_000]]);
  });

  it('tells of no override when a restore neither brings one nor takes one away', () => {
    const testbed = new Testbed();
    const events = testbed.listen('override');

    restore(testbed.breaker, snapshot(testbed.breaker));

    expect(events).toEqual([]);
  });

  it('tells of an override that a restore takes away', () => {
    const testbed = new Testbed();
    disable(testbed.breaker);
    const events = testbed.listen('override');

    restore(testbed.breaker, snapshot(new Testbed().breaker));

    expect(events).toMatchObject([{ type: 'override', override: undefined }]);
  });

  it('lets a listener of a restore have the last word', () => {
    const saved = new Testbed().open();
    forceOpen(saved.breaker);
    const { breaker } = new Testbed();
    breaker.on('transition', () => clearOverride(breaker));

    restore(breaker, snapshot(saved.breaker));

    expect(breaker.override).toBeUndefined();
  });
});

describe('Events carry what happened', () => {
  const about = (testbed: Testbed, type: string) => ({ type, operation: 'users.fetch', at: testbed.clock.wallTime() });

  it('a transition: from, to and the reason', () => {
    const testbed = new Testbed({ name: 'users.fetch' });
    const events = testbed.listen('transition');
    testbed.clock.advance(77);

    testbed.open();

    expect(events).toEqual([{ ...about(testbed, 'transition'), from: 'closed', to: 'open', reason: 'failure_threshold' }]);
  });

  it('an outcome: how long it took, and its value or error', () => {
    const testbed = new Testbed({ name: 'users.fetch' });
    const events = testbed.listen('success', 'failure', 'ignored');
    const error = new Outage('down');
    const answers = [testbed.breaker.acquire(), testbed.breaker.acquire(), testbed.breaker.acquire()];
    testbed.clock.advance(30);

    answers[0]!.success('answer');
    answers[1]!.failure(error);
    answers[2]!.ignore();

    expect(events).toEqual([
      { ...about(testbed, 'success'), duration: 30, value: 'answer' },
      { ...about(testbed, 'failure'), duration: 30, error },
      { ...about(testbed, 'ignored'), duration: 30 },
    ]);
  });

  it('the outcome of `execute`: its value or error, and which attempt it was', async () => {
    const testbed = new Testbed({ name: 'users.fetch' });
    const events = testbed.listen('success', 'failure', 'ignored');
    const error = new Outage('down');
    const abort = new DOMException('cancelled', 'AbortError');

    await testbed.breaker.execute(async () => testbed.clock.advance(5));
    await testbed.breaker.execute(() => Promise.reject(error)).catch(() => undefined);
    await testbed.breaker.execute(() => Promise.reject(abort)).catch(() => undefined);

    expect(events).toEqual([
      { ...about(testbed, 'success'), duration: 5, value: undefined, attempt: 1 },
      { ...about(testbed, 'failure'), duration: 0, error, attempt: 1 },
      { ...about(testbed, 'ignored'), duration: 0, error: abort, attempt: 1 },
    ]);
  });

  it.each<[keyof BreakerEvents, (breaker: Breaker) => unknown]>([
    ['success', () => 'answer'],
    ['failure', () => { throw new Outage('down'); }],
    ['ignored', () => { throw new DOMException('cancelled', 'AbortError'); }],
    ['late', (breaker) => breaker.reset()],
  ])('how long an attempt took, when nothing but %s is listened to', (type, fn) => {
    const testbed = new Testbed();
    const events = testbed.listen(type);

    try {
      testbed.breaker.executeSync(() => {
        testbed.clock.advance(30);
        return fn(testbed.breaker);
      });
    } catch {
      // what the event is about
    }

    expect(events).toMatchObject([{ type, duration: 30 }]);
  });

  it('a rejection: the state, and when to come back', () => {
    const testbed = new Testbed({ name: 'users.fetch' }).open();
    const events = testbed.listen('reject');
    testbed.clock.advance(400);

    testbed.breaker.tryAcquire();

    expect(events).toEqual([{ ...about(testbed, 'reject'), state: 'open', retryAfter: 600 }]);
  });

  it('a probe: that it begins', () => {
    const testbed = new Testbed({ name: 'users.fetch' }).halfOpen();
    const events = testbed.listen('probe');

    testbed.breaker.acquire();
    testbed.breaker.tryAcquire();

    expect(events).toEqual([{ ...about(testbed, 'probe'), duration: 0 }]);
  });

  it('have their time from the system clock when no clock is given', () => {
    const breaker = new Breaker({ failureThreshold: 1 });
    const before = Date.now();
    const times: number[] = [];
    breaker.on('transition', ({ at }) => times.push(at));

    breaker.trip();

    expect(times).toHaveLength(1);
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times[0]).toBeLessThanOrEqual(Date.now());
  });
});

describe('Breaker.on', () => {
  it('returns a function that removes the listener', () => {
    const testbed = new Testbed();
    const listener = jest.fn();
    const remove = testbed.breaker.on('success', listener);

    testbed.succeed();
    remove();
    remove();
    testbed.succeed();

    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('keeps the second registration of a listener whose first was removed', () => {
    const testbed = new Testbed();
    const listener = jest.fn();
    const remove = testbed.breaker.on('success', listener);
    testbed.breaker.on('success', listener);
    remove();

    testbed.succeed();

    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('hears calls under way that a listener was added during, when another listened already', async () => {
    const testbed = new Testbed();
    testbed.breaker.on('failure', () => undefined);
    const heard = jest.fn();

    const call = testbed.breaker.execute(async () => 'answer');
    testbed.breaker.on('success', heard);
    await call;
    await settled();

    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('passes values by identity', async () => {
    const testbed = new Testbed();
    const value = { big: 'answer' };
    const [event] = [testbed.listen('success')];

    await testbed.breaker.execute(async () => value);

    expect(event[0]?.value).toBe(value);
  });
});

describe('a breaker of a registry, whose attempts somebody watches', () => {
  it('tells which call each is of, also of those it runs itself', async () => {
    const registry = new BreakerRegistry();
    const heard: unknown[] = [];
    const breaker = breakerOf('op', { failureThreshold: 1 }, registry);
    registry.on('success', ({ callId, attempt }) => heard.push([typeof callId, attempt]));
    registry.on('failure', ({ callId, attempt }) => heard.push([typeof callId, attempt]));
    await breaker.execute(async () => 'it');
    breaker.executeSync(() => 'it');
    await rejectionOf(breaker.execute(() => Promise.reject(new Error('down'))));
    expect(heard).toEqual([['number', 1], ['number', 1], ['number', 1]]);
  });

  it('tells of a call that was rejected in which state it was', async () => {
    const registry = new BreakerRegistry();
    const calls: unknown[] = [];
    registry.on('call', ({ outcome, state }) => calls.push([outcome, state]));
    const call = withPolicies(async () => 'it', { registry, name: 'op', breaker: {} });
    registry.get('op')!.trip();
    await rejectionOf(call());
    expect(calls).toEqual([['rejected', 'open']]);
  });
});
