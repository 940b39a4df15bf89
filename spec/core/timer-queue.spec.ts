import fc from 'fast-check';
import { TimerQueue, type Waiter } from '../../lib/core/timer-queue';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

/** A queue in virtual time, whose turns end when the spec says so. */
function setUp(durationMs = 100, canRelease = true) {
  const clock = new TimerClock();
  const ends: (() => void)[] = [];
  const turns: (() => void)[] = [];
  /** Timers that keep the process alive no more. */
  const released = new Set<unknown>();
  const queue = new TimerQueue(durationMs, {
    clock,
    endOfTurn: (fn) => ends.push(fn),
    fullTurn: (fn) => turns.push(fn),
    hold: (timer) => released.delete(timer),
    release: (timer) => canRelease && released.add(timer).has(timer),
  });
  const expired: string[] = [];
  class Named implements Waiter {
    dueMs = 0;
    isQueued = false;
    previous: Waiter | undefined;
    next: Waiter | undefined;
    onExpire = (): void => undefined;
    constructor(readonly name: string) {}
    expire(): void {
      expired.push(`${this.name} at ${clock.now()}`);
      this.onExpire();
    }
    settle(): void {
      if (this.isQueued) queue.remove(this);
    }
  }
  const add = (name: string): Named => {
    const waiter = new Named(name);
    queue.add(waiter);
    return waiter;
  };
  const endTurn = (): void => {
    for (const end of ends.splice(0)) end();
  };
  const turn = (): void => {
    for (const end of turns.splice(0)) end();
  };
  return { clock, queue, expired, add, endTurn, turn, ends, released };
}

describe('a timer queue', () => {
  it('expires waiters in the order they came, each in its time, with one timer armed', async () => {
    const { clock, expired, add, endTurn } = setUp();
    for (const name of ['a', 'b', 'c']) {
      add(name);
      endTurn();
      await clock.advance(30);
      expect(clock.armed).toBe(1);
    }
    await clock.advance(200);
    expect(expired).toEqual(['a at 100', 'b at 130', 'c at 160']);
    expect(clock.armed).toBe(0);
  });

  it('reads no clock and arms no timer for what settles in the turn it came in', () => {
    const { clock, add, endTurn, ends } = setUp();
    const now = jest.spyOn(clock, 'now');
    for (let n = 0; n < 50; n++) add('brief').settle();
    expect(ends).toHaveLength(1);
    endTurn();
    expect(now).not.toHaveBeenCalled();
    expect(clock.delays).toEqual([]);
  });

  it('lets time begin at the end of the turn, so that a busy event loop uses up none', async () => {
    const { clock, expired, add, endTurn } = setUp();
    add('a');
    await clock.advance(70);
    endTurn();
    await clock.advance(99);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual(['a at 170']);
  });

  it('keeps the process alive while somebody waits, and one timer for who comes next', async () => {
    const { clock, expired, add, endTurn, released } = setUp();
    const first = add('first');
    endTurn();
    await clock.advance(40);
    const second = add('second');
    endTurn();
    first.settle();
    expect([clock.armed, released.size]).toEqual([1, 0]);
    await clock.advance(60);
    expect([expired, clock.armed]).toEqual([[], 1]);
    second.settle();
    expect([clock.armed, released.size]).toEqual([1, 1]);
    add('third');
    endTurn();
    expect([clock.delays.length, released.size]).toEqual([2, 0]);
    await clock.advance(1000);
    expect(expired).toEqual(['third at 200']);
    expect(clock.armed).toBe(0);
  });

  it('disarms when nobody waits any more, where a timer cannot let the process end', async () => {
    const { clock, expired, add, endTurn } = setUp(100, false);
    const first = add('first');
    endTurn();
    expect(clock.armed).toBe(1);
    first.settle();
    expect(clock.armed).toBe(0);
    add('second');
    endTurn();
    await clock.advance(100);
    expect(expired).toEqual(['second at 100']);
  });

  it('limits the time of all that come in one turn, however many', async () => {
    const { clock, expired, add, endTurn } = setUp();
    for (let n = 0; n < 200; n++) add('one');
    endTurn();
    await clock.advance(100);
    expect(expired).toHaveLength(200);
    expect(clock.armed).toBe(0);
  });

  it('reads the clock once for all that come in one turn', async () => {
    const { clock, add, endTurn } = setUp();
    await clock.advance(1);
    for (let n = 0; n < 20; n++) add('one');
    const now = jest.spyOn(clock, 'now');
    endTurn();
    expect(now).toHaveBeenCalledTimes(1);
  });

  it('has one timer also when one that expires makes many others begin', async () => {
    const { clock, expired, add, endTurn } = setUp();
    const first = add('first');
    endTurn();
    await clock.advance(30);
    add('second');
    endTurn();
    first.onExpire = () => {
      for (let n = 0; n < 64; n++) add('other');
    };
    await clock.advance(70);
    expect(clock.armed).toBe(1);
    endTurn();
    await clock.advance(100);
    expect(expired).toEqual(['first at 100', 'second at 130', ...Array<string>(64).fill('other at 200')]);
    expect(clock.armed).toBe(0);
  });

  it('is one for all that are given the same time, whatever pipeline they belong to', () => {
    const time = { clock: new TimerClock(), endOfTurn: jest.fn(), fullTurn: jest.fn(), hold: jest.fn(), release: () => true };
    expect(TimerQueue.shared(123_456, time)).toBe(TimerQueue.shared(123_456, time));
    expect(TimerQueue.shared(123_456, time)).not.toBe(TimerQueue.shared(123_457, time));
  });

  it('chains timers beyond what the platform can wait for', async () => {
    const forever = 2 ** 32;
    const { clock, expired, add, endTurn } = setUp(forever);
    add('a');
    endTurn();
    expect(clock.delays[0]).toBe(2 ** 31 - 1);
    await clock.advance(forever - 1);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toHaveLength(1);
  });

  it('trusts its timer when the clock is behind, as after a jump back', async () => {
    const { clock, expired, add, endTurn } = setUp();
    add('a');
    endTurn();
    const now = jest.spyOn(clock, 'now').mockReturnValue(1);
    await clock.advance(100);
    now.mockRestore();
    expect(expired).toEqual(['a at 1']);
    expect(clock.armed).toBe(0);
  });

  it('gives a waiter that is asked for its time one from then on, and those that came before it', async () => {
    const { clock, queue, expired, add, endTurn } = setUp();
    add('first');
    const second = add('second');
    queue.stamp(second);
    expect(second.dueMs).toBe(100);
    await clock.advance(30);
    queue.stamp(second);
    const third = add('third');
    endTurn();
    expect([second.dueMs, third.dueMs]).toEqual([100, 130]);
    third.settle();
    queue.stamp(third);
    await clock.advance(100);
    expect(expired).toEqual(['first at 100', 'second at 100']);
    expect(clock.armed).toBe(0);
  });

  it('rule 38: and expires nobody who comes in that turn', async () => {
    const { clock, expired, add, endTurn, turn } = setUp();
    const answered = add('answered');
    endTurn();
    const blocked = jest.spyOn(clock, 'now').mockReturnValue(300);
    await clock.advance(100);
    answered.settle();
    add('next');
    endTurn();
    turn();
    expect(expired).toEqual([]);
    blocked.mockReturnValue(400);
    await clock.advance(100);
    blocked.mockRestore();
    expect(expired).toEqual(['next at 400']);
  });

  it('takes in a waiter again that has settled', async () => {
    const { clock, queue, expired, add, endTurn } = setUp();
    const waiter = add('again');
    waiter.settle();
    queue.add(waiter);
    endTurn();
    await clock.advance(50);
    waiter.settle();
    queue.add(waiter);
    endTurn();
    await clock.advance(99);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual(['again at 150']);
  });

  it('rule 36: arms a timer anew that is overdue by the clock, for it may never fire', async () => {
    const { clock, expired, add, endTurn } = setUp();
    jest.spyOn(clock, 'setTimeout').mockReturnValueOnce(-1);
    add('first');
    endTurn();
    await clock.advance(105);
    add('too early to be sure');
    endTurn();
    expect(clock.armed).toBe(0);
    await clock.advance(10);
    add('next');
    endTurn();
    await clock.advance(0);
    expect(expired).toEqual(['first at 115']);
    await clock.advance(100);
    expect(expired).toHaveLength(3);
    expect(clock.armed).toBe(0);
  });

  it('rule 38: lets a full turn pass before it expires anybody, when the event loop was blocked past the time', async () => {
    const { clock, expired, add, endTurn, turn } = setUp();
    const answered = add('answered');
    add('hangs');
    endTurn();
    const blocked = jest.spyOn(clock, 'now').mockReturnValue(300);
    await clock.advance(100);
    expect(expired).toEqual([]);
    answered.settle();
    add('next');
    endTurn();
    turn();
    expect(expired).toEqual(['hangs at 300']); // and not the next, though a timer is armed for it
    await clock.advance(0);
    blocked.mockReturnValue(400);
    await clock.advance(100);
    blocked.mockRestore();
    expect(expired).toEqual(['hangs at 300', 'next at 400']);
    expect(clock.armed).toBe(0);
  });

  it('expires nobody early or twice and nobody who has settled, whatever comes and goes', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const) }),
      fc.record({ do: fc.constant('settle' as const), which: fc.nat(200) }),
      fc.record({ do: fc.constant('turn' as const), ms: fc.nat(60) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        const { clock, expired, add, endTurn } = setUp();
        const all: { waiter: ReturnType<typeof add>; begunMs: number; settled: boolean }[] = [];
        for (const one of steps) {
          if (one.do === 'add') all.push({ waiter: add(String(all.length)), begunMs: clock.now(), settled: false });
          else if (one.do === 'turn') {
            endTurn();
            await clock.advance(one.ms);
          } else {
            const chosen = all[one.which % Math.max(1, all.length)];
            if (chosen === undefined || expired.some((text) => text.startsWith(`${chosen.waiter.name} `))) continue;
            chosen.settled = true;
            chosen.waiter.settle();
          }
        }
        endTurn();
        await clock.advance(1000);
        const expected = all.filter(({ settled }) => !settled).map(({ waiter, begunMs }) => `${waiter.name} at ${begunMs + 100}`);
        expect(expired).toEqual(expected);
        expect(clock.armed).toBe(0);
      }),
      { numRuns: runs(50) },
    );
  });
});
