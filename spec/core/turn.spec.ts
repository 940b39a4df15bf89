import { beginTurn } from '../../lib/core/timer';
import { reactions, TimerClock } from '../support/timer-clock';
import { watch } from '../bulkhead/support/testbed';
import { asOnWorkers } from '../support/as-on-workers';

describe('a turn', () => {
  it('is over as soon as somebody ends it, without a timer', async () => {
    const clock = new TimerClock();
    const { promise, end } = beginTurn<string>(clock);
    end('it');
    expect([await promise, clock.delays]).toEqual(['it', []]);
  });
});

describe('rule 36: a turn where promises belong to a request', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = asOnWorkers();
  });
  afterAll(() => {
    restore();
  });

  it('is over when the one who waits finds so, by a timer of its own', async () => {
    const clock = new TimerClock();
    const { promise, end } = beginTurn<string>(clock);
    const waiting = watch(promise);
    await clock.advance(25);
    end('it');
    end('too late');
    await reactions();
    expect(waiting.state).toBe('pending');
    await clock.advance(5);
    expect(waiting).toEqual({ state: 'fulfilled', outcome: 'it' });
    expect(clock.armed).toBe(0);
  });

  it('is looked for by those who wait', async () => {
    const clock = new TimerClock();
    const { promise, end } = beginTurn<number>(clock, () => {
      if (clock.now() >= 35) end(clock.now());
    });
    const waiting = watch(promise);
    await clock.advance(100);
    expect(waiting.outcome).toBe(40);
  });
});
