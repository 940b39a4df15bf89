import { BreakerRegistry, withRetry } from '../../lib';
import { CancellationSource } from '../../lib/core/cancellation';
import { systemClock, type Clock } from '../../lib/core/clock';
import { hooks } from '../../lib/core/hooks';
import { pause } from '../../lib/core/timer';
import { systemRandom } from '../../lib/core/random';
import { realTime } from '../../lib/core/timer-queue';
import { rejectionOf } from '../composition/support/flaky';

// For good, so each of them once, in this order.

describe('the real time', () => {
  it('is there while nobody owns the timers, and lets the process end before a timer that it released', () => {
    const time = realTime()!;
    const timer = time.clock.setTimeout(() => undefined, 60_000) as NodeJS.Timeout;
    expect([time.release(timer), timer.hasRef()]).toEqual([true, false]);
    time.hold(timer);
    expect(timer.hasRef()).toBe(true);
    time.clock.clearTimeout(timer);
    expect([time.release(5), time.hold(5)]).toEqual([false, undefined]);
  });

  it('is not there while a test has another clock, or other timers', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(5);
    expect(realTime()).toBeUndefined();
    now.mockRestore();
    const own = globalThis.setTimeout;
    globalThis.setTimeout = (() => 0) as never;
    expect(realTime()).toBeUndefined();
    globalThis.setTimeout = own;
    expect(realTime()).toBeDefined();
  });

  it('is not used any more once a test owns the time', () => {
    hooks.ownsTime = true;
    expect(realTime()).toBeUndefined();
  });
});

describe('another randomness for the system’s', () => {
  it('is asked from then on, and may ask the system', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.25);
    hooks.random = () => () => Math.random() / 2;
    expect(systemRandom()).toBe(0.125);
    random.mockRestore();
  });
});

describe('somebody who watches the waits between attempts', () => {
  it('knows of each, and may pass over it', async () => {
    const seen: unknown[] = [];
    hooks.pause = ({ operation, delayMs }) => {
      seen.push([operation, delayMs]);
      return Promise.resolve();
    };
    let runs = 0;
    const call = withRetry(async () => {
      if (++runs < 3) throw new Error('down');
      return 'it';
    }, { registry: new BreakerRegistry(), name: 'op', baseDelay: '1h', maxDelay: '5h', jitter: false });
    expect(await call()).toBe('it');
    expect(seen).toEqual([['op', 3_600_000], ['op', 7_200_000]]);
  });

  it('does not hide an abort meanwhile', async () => {
    const source = new CancellationSource();
    const reason = new Error('left');
    const waiting = rejectionOf(pause({ owner: {}, operation: 'op', delayMs: 5, clock: systemClock }, source));
    source.abort(reason);
    expect(await waiting).toBe(reason);
    await expect(pause({ owner: {}, operation: 'op', delayMs: 5, clock: systemClock }, new CancellationSource())).resolves.toBeUndefined();
    await expect(pause({ owner: {}, operation: 'op', delayMs: 5, clock: systemClock }, undefined)).resolves.toBeUndefined();
  });

  it('is asked no more than to pass: a wait that is to take its time takes it', async () => {
    hooks.pause = () => undefined;
    const clock: Clock = { now: () => 0, setTimeout: (fn, ms) => { slept.push(ms); queueMicrotask(fn); return 0; }, clearTimeout: () => undefined };
    const slept: number[] = [];
    await pause({ owner: {}, operation: 'op', delayMs: 5, clock }, undefined);
    expect(slept).toEqual([5]);
  });
});
