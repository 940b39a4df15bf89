import { RECOVERY, Testbed } from './testbed';
import { restore, snapshot } from '../../lib/operate';

describe('the outage that a transition tells of', () => {
  it('is what is over when the circuit closes: since it first opened, and what was rejected meanwhile', () => {
    const testbed = new Testbed();
    const transitions = testbed.listen('transition');
    testbed.open();
    testbed.rejection();
    testbed.clock.advance(RECOVERY);
    testbed.fail(); // the probe: it opens again
    testbed.rejection();
    testbed.rejection();
    testbed.clock.advance(RECOVERY);
    testbed.succeed();

    expect(transitions.map(({ to, outage }) => [to, outage])).toEqual([
      ['open', undefined],
      ['half_open', undefined],
      ['open', undefined],
      ['half_open', undefined],
      ['closed', { duration: 2 * RECOVERY, rejected: 3 }],
    ]);
    expect(transitions.map((event) => 'outage' in event)).toEqual([false, false, false, false, true]);
  });

  it('begins anew with the next opening', () => {
    const testbed = new Testbed();
    testbed.open();
    testbed.rejection();
    testbed.clock.advance(RECOVERY);
    testbed.succeed();
    const transitions = testbed.listen('transition');
    testbed.clock.advance(5 * RECOVERY);
    testbed.open();
    testbed.rejection();
    testbed.rejection();
    testbed.clock.advance(RECOVERY);
    testbed.succeed();
    expect(transitions.at(-1)).toMatchObject({ to: 'closed', outage: { duration: RECOVERY, rejected: 2 } });
  });

  it('is told of a reset as well, which forgets what was rejected', () => {
    const testbed = new Testbed();
    const transitions = testbed.listen('transition');
    testbed.open();
    testbed.rejection();
    testbed.clock.advance(10);
    testbed.breaker.reset();
    expect(transitions.at(-1)).toMatchObject({ reason: 'reset', outage: { duration: 10, rejected: 1 } });
    expect(testbed.breaker.stats.rejected).toBe(0);
  });

  it('goes on where a snapshot of an open circuit was restored', () => {
    const saved = new Testbed().open();
    saved.clock.advance(100);
    const testbed = new Testbed();
    restore(testbed.breaker, snapshot(saved.breaker));
    const transitions = testbed.listen('transition');
    testbed.clock.advance(RECOVERY - 100);
    testbed.succeed();
    expect(transitions.at(-1)).toMatchObject({ to: 'closed', outage: { duration: RECOVERY, rejected: 0 } });
  });
});

describe('a result that comes too late', () => {
  it.each<[string, () => unknown]>([
    ['value', () => 'old'],
    ['error', () => { throw new Error('old'); }],
  ])('is told with its %s, also when nobody listened as its call began', (part, end) => {
    const testbed = new Testbed();
    const late: object[] = [];
    const run = () =>
      testbed.breaker.executeSync(() => {
        testbed.breaker.reset();
        if (late.length === 0) testbed.breaker.on('late', (event) => late.push(event));
        return end();
      });
    for (const call of [run, run]) {
      try {
        call();
      } catch {
        // what it failed with is its caller's
      }
    }
    expect(late).toHaveLength(2);
    for (const event of late) expect(Object.keys(event).filter((name) => ['value', 'error'].includes(name))).toEqual([part]);
    expect(testbed.breaker.stats).toMatchObject({ late: 1, calls: 0 });
  });
});
