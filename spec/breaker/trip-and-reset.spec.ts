import { RECOVERY, Testbed } from './testbed';
import { snapshot } from '../../lib/operate';

describe('rule 15: trip opens now and recovers as usual', () => {
  it('opens a closed circuit', () => {
    const testbed = new Testbed();
    const transitions = testbed.transitions();

    testbed.breaker.trip('deploy');

    expect(transitions).toEqual(['closed > open: deploy']);
    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY, failureCount: 0, stats: { opens: 1 } });
    testbed.rejection();
  });

  it('gives `trip` for its reason when told none', () => {
    const testbed = new Testbed();
    const transitions = testbed.transitions();

    testbed.breaker.trip();

    expect(transitions).toEqual(['closed > open: trip']);
  });

  it('is told from what the breaker did by itself, whatever its reason reads as', () => {
    const testbed = new Testbed();
    const tripped: unknown[] = [];
    testbed.breaker.on('transition', (event) => tripped.push([event.reason, event.tripped]));
    testbed.breaker.trip('failure_rate');
    testbed.breaker.reset();
    expect(tripped).toEqual([['failure_rate', true], ['reset', undefined]]);
  });

  it('recovers by a probe', () => {
    const testbed = new Testbed();
    testbed.breaker.trip();
    testbed.clock.advance(RECOVERY);

    testbed.succeed();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('opens a half-open circuit, whose probes become late', () => {
    const testbed = new Testbed().halfOpen();
    const probe = testbed.breaker.acquire();

    testbed.breaker.trip();
    probe.success();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY, stats: { late: 1 } });
  });

  it('opens a circuit again whose open time has passed, though no call has found it yet', () => {
    const testbed = new Testbed().halfOpen();
    const transitions = testbed.transitions();

    testbed.breaker.trip();

    expect(transitions).toEqual(['open > half_open: recovery_timeout', 'half_open > open: trip']);
    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: RECOVERY });
  });

  it('opens once when a listener of what it does trips the breaker first', () => {
    const testbed = new Testbed().halfOpen();
    const transitions = testbed.transitions();
    testbed.breaker.on('transition', ({ to }) => to === 'half_open' && testbed.breaker.trip('listener'));

    testbed.breaker.trip('caller');

    expect(transitions).toEqual(['open > half_open: recovery_timeout', 'half_open > open: listener']);
    expect(testbed.breaker.stats.opens).toBe(2);
  });

  it('does nothing to an open circuit, not even to its open time', () => {
    const testbed = new Testbed().open();
    testbed.clock.advance(400);
    const transitions = testbed.transitions();
    const before = snapshot(testbed.breaker);

    testbed.breaker.trip();

    expect(transitions).toEqual([]);
    expect(snapshot(testbed.breaker)).toEqual(before);
    expect(testbed.breaker.retryAfter).toBe(600);
  });
});

describe('rule 15: reset closes and clears', () => {
  it('clears counts, statistics and what the window holds', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4, failureRate: 0.5 } }).open();
    testbed.rejection();

    testbed.breaker.reset();

    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 0, retryAfter: 0 });
    expect(testbed.breaker.stats).toEqual(new Testbed().breaker.stats);
    testbed.fail(3);
    expect(testbed.breaker.state).toBe('closed');
  });

  it.each(['success', 'failure', 'ignore'] as const)('keeps a call in flight from writing its %s into the fresh state', (answer) => {
    const testbed = new Testbed({ failureThreshold: 1 });
    const permit = testbed.breaker.acquire();
    testbed.breaker.reset();

    permit[answer]();

    expect(testbed.breaker).toMatchObject({ state: 'closed', failureCount: 0 });
    expect(testbed.breaker.stats).toMatchObject({ calls: 0, late: 1 });
  });

  it('keeps a probe from before the reset from closing the next half-open time', () => {
    const testbed = new Testbed().halfOpen();
    const probe = testbed.breaker.acquire();
    testbed.breaker.reset();
    testbed.halfOpen();
    testbed.breaker.acquire();

    probe.success();

    expect(testbed.breaker.state).toBe('half_open');
  });

  it.each([
    ['open', 'open > closed: reset'],
    ['half_open', 'half_open > closed: reset'],
  ])('emits a transition from %s', (state, expected) => {
    const testbed = new Testbed().open();
    if (state === 'half_open') {
      testbed.clock.advance(RECOVERY);
      testbed.breaker.acquire();
    }
    const transitions = testbed.transitions();

    testbed.breaker.reset();

    expect(transitions).toEqual([expected]);
  });

  it('emits no transition when the circuit was closed', () => {
    const testbed = new Testbed();
    const transitions = testbed.transitions();
    testbed.fail(2);

    testbed.breaker.reset();

    expect(transitions).toEqual([]);
    expect(testbed.breaker.failureCount).toBe(0);
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
