import { getEventListeners } from 'node:events';
import { CancellationSource, SignalCancellation } from '../../lib/core/cancellation';
import { systemClock } from '../../lib/core/clock';
import { sleep, startTimer } from '../../lib/core/timer';

const LONGEST = 2 ** 31 - 1;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('startTimer', () => {
  it('fires once after its delay, not before', () => {
    const fn = jest.fn();
    startTimer(systemClock, 100, fn);

    jest.advanceTimersByTime(99);
    expect(fn).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    jest.advanceTimersByTime(1000);

    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([LONGEST, LONGEST + 1, 2 * LONGEST, 100 * 86_400_000])(
    'fires after %d ms, though the longest timer of the platform is 2147483647 ms',
    (delay) => {
      const fn = jest.fn();
      startTimer(systemClock, delay, fn);

      jest.advanceTimersByTime(delay - 1);
      expect(fn).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);

      expect(fn).toHaveBeenCalledTimes(1);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('does not fire before its time when that is no whole millisecond, as a timer of the platform would', () => {
    const arm = jest.spyOn(globalThis, 'setTimeout');
    startTimer(systemClock, 20.3, jest.fn());
    expect(arm).toHaveBeenCalledWith(expect.any(Function), 21);
  });

  it('never fires after Infinity', () => {
    const fn = jest.fn();
    startTimer(systemClock, Infinity, fn);

    jest.advanceTimersByTime(5 * LONGEST);

    expect(fn).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(1);
  });

  it.each([0, LONGEST])('leaves no timer when it is cancelled after %d ms of a chain', (elapsed) => {
    const fn = jest.fn();
    const cancel = startTimer(systemClock, 3 * LONGEST, fn);
    jest.advanceTimersByTime(elapsed);

    cancel();

    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(5 * LONGEST);
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('sleep', () => {
  it('resolves after its delay, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController();
    const woke = jest.fn();
    const sleeping = sleep(100, systemClock, SignalCancellation.of(signal)).then(woke);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    await jest.advanceTimersByTimeAsync(99);
    expect(woke).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    await sleeping;

    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rejects at once with the reason of the abort, and leaves no timer and no listener', async () => {
    const controller = new AbortController();
    const reason = new Error('the user left');
    const sleeping = sleep(100, systemClock, SignalCancellation.of(controller.signal));

    controller.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([undefined, null, 'gone', 0])('rejects with the reason as it was given: %p', async (reason) => {
    const source = new CancellationSource();
    const sleeping = sleep(100, systemClock, source);

    source.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
  });

  it('arms nothing when it was cancelled before', async () => {
    const aborted = AbortSignal.abort('before');

    await expect(sleep(100, systemClock, SignalCancellation.of(aborted))).rejects.toBe('before');

    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(aborted, 'abort')).toEqual([]);
  });

  it('leaves no listener when several sleeps shared one signal', async () => {
    const { signal } = new AbortController();
    const sleeps = Array.from({ length: 10 }, (_, n) => sleep(n + 1, systemClock, SignalCancellation.of(signal)));

    await jest.advanceTimersByTimeAsync(10);
    await Promise.all(sleeps);

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('wakes by a timer that keeps the process alive', async () => {
    jest.useRealTimers();
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const source = new CancellationSource();
    const sleeping = sleep(60_000, systemClock, source);

    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before + 1);
    source.abort('enough');

    await expect(sleeping).rejects.toBe('enough');
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
  });
});
