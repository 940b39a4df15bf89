import { Breaker } from '../../lib';
import { clearOverride, forceOpen, restore, shadow, snapshot } from '../../lib/operate';
import { settled, Testbed } from './testbed';

const HOUR = 3_600_000;

describe('rule 17: the clock is monotonic', () => {
  it.each([
    ['an hour back', [-HOUR]],
    ['an hour back and forth', [-HOUR, HOUR]],
    ['a second ahead', [1000]],
  ])('a wall clock that jumps %s changes nothing', (_where, jumps) => {
    const testbed = new Testbed({ window: { type: 'time', duration: 500, minimumCalls: 4 } });
    testbed.fail(3);
    for (const jump of jumps) {
      testbed.clock.jumpWallTime(jump);
      expect(testbed.breaker.stats.failureRate).toBe(1);
    }
    testbed.fail();
    testbed.clock.advance(400);

    for (const jump of jumps) {
      testbed.clock.jumpWallTime(-jump);
      testbed.clock.jumpWallTime(jump);
      expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: 600 });
    }
    testbed.clock.advance(600);
    expect(testbed.breaker.state).toBe('half_open');
  });

  it('asks the wall clock for no decision of a closed circuit', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 500 }, recoveryBackoff: {} });
    const wallTime = jest.spyOn(testbed.clock, 'wallTime');

    testbed.succeed(10);
    expect(testbed.breaker.state).toBe('closed');

    expect(wallTime).not.toHaveBeenCalled();
  });

  it('may have any origin, below zero too', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: 1000, minimumCalls: 2 } });
    testbed.clock.advance(-12_345);

    testbed.fail();
    testbed.clock.advance(500);
    testbed.fail();

    expect(testbed.breaker).toMatchObject({ state: 'open', retryAfter: 1000 });
  });
});

describe('rule 17: time windows rotate by elapsed time', () => {
  it('are empty after an idle hour', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: '5s', minimumCalls: 4 } });
    testbed.fail(3);

    testbed.clock.advance(HOUR);
    testbed.fail(3);

    expect(testbed.breaker.state).toBe('closed');
  });
});

describe('rule 17: clock and timers are looked up at call time', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it("follows Jest's fake timers, installed after the import and the construction", () => {
    const breaker = new Breaker({ failureThreshold: 1, recoveryTimeout: '1h' });

    jest.useFakeTimers();
    breaker.trip();
    jest.advanceTimersByTime(HOUR - 1);
    expect(breaker).toMatchObject({ state: 'open', retryAfter: 1 });
    jest.advanceTimersByTime(1);

    expect(breaker.state).toBe('half_open');
  });

  it("has the epoch time of Jest's fake timers in its events", () => {
    const breaker = new Breaker();
    const at: number[] = [];
    breaker.on('transition', (event) => at.push(event.at));

    jest.useFakeTimers({ now: 1_234_567 });
    breaker.trip();

    expect(at).toEqual([1_234_567]);
    expect(breaker.stats.openedAt).toBe(1_234_567);
  });

  it('rule 35: takes a fake wall clock that is set forward for a process that was frozen', () => {
    jest.useFakeTimers();
    const breaker = new Breaker({ recoveryTimeout: '1h' });
    breaker.trip();

    jest.setSystemTime(Date.now() - HOUR);
    expect(breaker.retryAfter).toBe(HOUR);
    jest.setSystemTime(Date.now() + 1.5 * HOUR);
    expect(breaker.retryAfter).toBe(HOUR / 2);
    jest.setSystemTime(Date.now() + HOUR / 2);

    expect(breaker.state).toBe('half_open');
  });

  it('rule 35: does not age by fake timers that are installed and removed', () => {
    const breaker = new Breaker({ window: { type: 'time', duration: 1000, minimumCalls: 3 } });
    const fail = (): void => breaker.acquire().failure();

    for (const now of [undefined, 0, Date.now() + 24 * HOUR]) {
      breaker.reset();
      // The monotonic clock begins at 0, and so lies behind by all the time that the process has run.
      jest.useFakeTimers(now === undefined ? {} : { now });
      for (let n = 0; n < 3; n++) fail();
      expect(breaker).toMatchObject({ state: 'open', retryAfter: 60_000 });
      jest.useRealTimers();
    }
  });

  it('rule 35: is moved on by fake timers of `Date` alone', () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'hrtime', 'nextTick', 'setImmediate', 'queueMicrotask'] });
    const breaker = new Breaker({ recoveryTimeout: '1h' });
    breaker.trip();

    jest.advanceTimersByTime(HOUR);

    expect(breaker.state).toBe('half_open');
  });
});

describe('An idle breaker holds nothing', () => {
  it('arms no timer in any state', async () => {
    const timersBefore = activeTimers();
    const breaker = new Breaker({ failureThreshold: 1, recoveryTimeout: '1h', halfOpen: { probeTimeout: '1m' } });
    await breaker.execute(async () => 'answer');
    expect(activeTimers()).toEqual(timersBefore);
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    shadow(breaker, { for: '1h' });
    expect(breaker.state).toBe('open');
    expect(activeTimers()).toEqual(timersBefore);
    clearOverride(breaker);
    breaker.reset();
    breaker.trip();

    expect(activeTimers()).toEqual(timersBefore);
  });

  it('arms none through its clock either', () => {
    // The clock of a testbed throws when a timer is armed.
    const testbed = new Testbed({ recoveryBackoff: {}, window: { type: 'time', duration: 1000, minimumCalls: 1 } });
    testbed.halfOpen().succeed();
    forceOpen(testbed.breaker, { for: 100 });
    restore(testbed.breaker, snapshot(testbed.breaker));

    expect(testbed.rejection().retryAfter).toBe(100);
  });

  it('reads no clock for a call that is not timed', async () => {
    const testbed = new Testbed();
    const now = jest.fn(() => 0);
    const breaker = new Breaker({ clock: { now, setTimeout: () => undefined, clearTimeout: () => undefined } });
    now.mockClear();

    await breaker.execute(async () => 'answer');
    breaker.executeSync(() => testbed.succeed());

    expect(now).not.toHaveBeenCalled();
  });
});

describe('Unhandled rejections', () => {
  it('do not come when the caller handles the promise that it got', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { breaker } = new Testbed({ failureThreshold: 2 });
      breaker.on('failure', async () => {
        throw new Error('a bug of the listener');
      });
      jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const controller = new AbortController();
      const calls = [
        breaker.execute(() => Promise.reject(new Error('down'))),
        breaker.execute(() => {
          throw new Error('down');
        }),
        breaker.execute(() => Promise.reject(new Error('down')), { signal: controller.signal }),
        breaker.execute(() => 'answer', { signal: AbortSignal.abort() }),
      ];
      await Promise.allSettled(calls);
      await Promise.allSettled([breaker.execute(() => 'rejected')]);
      controller.abort();
      await settled();
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });

      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
      jest.restoreAllMocks();
    }
  });
});

function activeTimers(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate');
}
