import fc from 'fast-check';
import { TimerQueue, Waiter } from '../../lib/core/timer-queue';
import { TimerClock } from '../support/timer-clock';
import { runs } from '../support/runs';

/** A queue in virtual time, whose turns end when the spec says so. */
function setUp(durationMs = 100, canRelease = true) {
  const clock = new TimerClock();
  const ends: (() => void)[] = [];
  /** Timers that keep the process alive no more. */
  const released = new Set<unknown>();
  const queue = new TimerQueue(durationMs, {
    clock,
    endOfTurn: (fn) => ends.push(fn),
    hold: (timer) => released.delete(timer),
    release: (timer) => canRelease && released.add(timer).has(timer),
  });
  const expired: string[] = [];
  class Named extends Waiter {
    onExpire = (): void => undefined;
    constructor(readonly name: string) {
      super();
    }
    expire(): void {
      expired.push(`${this.name} at ${clock.now()}`);
      this.onExpire();
    }
    settle(): void {
      this.isOver = true;
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
  return { clock, queue, expired, add, endTurn, ends, released };
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

  it('holds on to few of what settles, however long the turn is', () => {
    const { clock, add, released } = setUp();
    for (let n = 0; n < 1000; n++) add('brief').settle();
    expect(clock.armed).toBe(released.size);
    expect(clock.delays.length).toBeLessThanOrEqual(1000 / 64);
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

  it('queues the next at once after one that outlived its turn, and looks again after some', async () => {
    const { clock, expired, add, endTurn, ends } = setUp();
    add('slow');
    endTurn();
    await clock.advance(10);
    for (let n = 0; n < 32; n++) add('next');
    expect(ends).toHaveLength(0);
    add('noted');
    expect(ends).toHaveLength(1);
    await clock.advance(5);
    endTurn();
    await clock.advance(95);
    expect([new Set(expired), expired.length]).toEqual([new Set(['slow at 100', 'next at 110']), 33]);
    await clock.advance(5);
    expect(expired.at(-1)).toBe('noted at 115');
    expect(clock.armed).toBe(0);
  });

  it('uses a waiter again, also in the turn in which it was over', async () => {
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
    expect(clock.armed).toBe(0);
  });

  it('is one for all that are given the same time, whatever pipeline they belong to', () => {
    const time = { clock: new TimerClock(), endOfTurn: jest.fn(), hold: jest.fn(), release: () => true };
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

  it('expires all that are due when the clock has jumped ahead', async () => {
    const { clock, expired, add, endTurn } = setUp();
    add('a');
    endTurn();
    await clock.advance(50);
    add('b');
    endTurn();
    const now = jest.spyOn(clock, 'now').mockReturnValue(10_000);
    await clock.advance(50);
    now.mockRestore();
    expect(expired).toHaveLength(2);
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
