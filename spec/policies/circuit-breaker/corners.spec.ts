import { Breaker, BreakerRegistry, withPolicies } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';
import { RECOVERY, Testbed } from './testbed';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('what an operator asks of all processes, of a breaker that is not shared', () => {
  const SHARE = 'fleet: goes with a breaker that processes share: call shareBreakers(registry, store) first, with `operations` that include it; received true';
  it.each<[string, (breaker: Breaker) => unknown, string]>([
    ['forceOpen', (breaker) => breaker.forceOpen({ fleet: true }), `forced_open of users.fetch: ${SHARE}`],
    ['disable', (breaker) => breaker.disable({ fleet: true }), `disabled of users.fetch: ${SHARE}`],
    ['shadow', (breaker) => breaker.shadow({ fleet: true }), `shadow of users.fetch: ${SHARE}`],
    ['clearOverride', (breaker) => breaker.clearOverride({ fleet: true }), `clear of users.fetch: ${SHARE}`],
    ['what it does not know', (breaker) => breaker.clearOverride({ flet: true } as never), 'clearOverride of users.fetch: flet: unknown option; did you mean fleet?; received true'],
  ])('is refused: %s', (_what, act, message) => {
    const { breaker } = new Testbed({ name: 'users.fetch' });
    expect(messageOf(() => act(breaker))).toBe(message);
    expect(breaker.override).toBeUndefined();
  });
});

describe('a trip', () => {
  it('happens once where a listener trips the circuit as it learns that it is half open', () => {
    const testbed = new Testbed().halfOpen();
    const transitions = testbed.transitions();
    const stop = testbed.breaker.on('transition', ({ to }) => {
      stop();
      if (to === 'half_open') testbed.breaker.trip('listener');
    });
    testbed.breaker.trip('operator');
    expect(transitions).toEqual(['open > half_open: recovery_timeout', 'half_open > open: listener']);
    expect(testbed.breaker.stats.opens).toBe(2);
  });
});

describe('a breaker of a registry, whose attempts somebody watches', () => {
  it('tells which call each is of, also of those it runs itself', async () => {
    const registry = new BreakerRegistry();
    const heard: unknown[] = [];
    const breaker = registry.getOrCreate('op', { failureThreshold: 1 });
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

describe('a circuit that is open beneath a shadow', () => {
  it('is not waited for by a retry: the next attempt will be let through', async () => {
    const clock = new TimerClock();
    let runs = 0;
    const call = withPolicies(async () => {
      if (++runs < 3) throw new Error('down');
      return 'it';
    }, { clock, registry: new BreakerRegistry(), retry: { baseDelay: 10, jitter: false }, breaker: {} });
    call.breaker!.trip();
    call.breaker!.shadow();
    expect(await clock.until(call())).toBe('it');
    expect(clock.delays).toEqual([10, 20]);
  });
});

describe('the fewest calls that a count window judges', () => {
  it.each([[3, 3], [1, 3], [undefined, 3]])('may be %s of %d', (minimumCalls, size) => {
    expect(() => new Breaker({ window: { type: 'count', size, minimumCalls } })).not.toThrow();
  });

  it('cannot be more than it holds', () => {
    expect(messageOf(() => new Breaker({ window: { type: 'count', size: 3, minimumCalls: 4 } }))).toBe(
      'new Breaker: window.minimumCalls: must not be above size (3); received 4',
    );
    expect(messageOf(() => new Breaker({ window: { type: 'count', minimumCalls: 4 } as never }))).toBe('new Breaker: window.size: is required; received undefined');
    expect(() => new Breaker({ window: { type: 'time', duration: 1, minimumCalls: 4 } })).not.toThrow();
  });
});

describe('a probe’s slot', () => {
  it('that was given back does not come back when its holder answers again', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 1, successThreshold: 2 } }).halfOpen();
    const probe = testbed.breaker.acquire();
    testbed.clock.advance(RECOVERY);
    const next = testbed.breaker.acquire();
    probe.success();
    expect(testbed.breaker.stats).toMatchObject({ late: 1, successes: 0 });
    next.success();
    expect(testbed.breaker.stats).toMatchObject({ late: 1, successes: 1 });
  });
});
