import { ageClockOf, systemClock, type Clock } from '../../lib/core/clock';
import { ManualClock } from '../support/manual-clock';

const HOUR = 3_600_000;

function setUp(clock = new ManualClock({ now: 500 })) {
  return { clock, age: ageClockOf(clock) };
}

/** A clock both of whose times are set by hand. */
class TimeOfDay implements Clock {
  nowMs = 500;
  wallMs = 1_700_000_000_000;
  readonly now = (): number => this.nowMs;
  readonly wallTime = (): number => this.wallMs;
  readonly setTimeout = (): number => 0;
  readonly clearTimeout = (): void => undefined;
}

describe('rule 35: the time that states age by', () => {
  it('is that of the clock, as long as the wall clock goes with it', () => {
    const { clock, age } = setUp();
    expect(age.now()).toBe(500);

    clock.advance(HOUR);

    expect([age.now(), age.quickNow()]).toEqual([HOUR + 500, HOUR + 500]);
  });

  it('goes on by the whole gap when the wall clock is ahead by more than a second', () => {
    const { clock, age } = setUp();

    clock.jumpWallTime(1000);
    expect(age.now()).toBe(500);
    clock.jumpWallTime(1);

    expect(age.now()).toBe(500 + 1001);
  });

  it('is the same for all who ask for it', () => {
    const { clock, age } = setUp();
    const other = ageClockOf(clock);
    clock.jumpWallTime(HOUR);

    expect(age.now()).toBe(500 + HOUR);
    expect(other.quickNow()).toBe(500 + HOUR);
  });

  it('has frozen time in it for those who read one clock once it was noticed', () => {
    const { clock, age } = setUp();
    const wallTime = jest.spyOn(clock, 'wallTime');
    clock.jumpWallTime(HOUR);

    expect(age.quickNow()).toBe(500);
    expect(wallTime).not.toHaveBeenCalled();
    age.now();

    expect(age.quickNow()).toBe(500 + HOUR);
  });

  it('reads the wall clock once for calls that come within 5 µs, and again for the next', () => {
    const { clock, age } = setUp();
    const wallTime = jest.spyOn(clock, 'wallTime');
    clock.advance(1);
    for (const ms of [0, 0.001, 0.003]) {
      clock.advance(ms);
      age.now();
    }
    expect(wallTime).toHaveBeenCalledTimes(1);

    clock.advance(0.002);
    clock.jumpWallTime(HOUR);

    expect(age.now()).toBe(clock.now() + HOUR);
  });

  it('asks the wall clock again where the monotonic one has gone back, or not moved', () => {
    const clock = new TimeOfDay();
    const age = ageClockOf(clock);
    clock.nowMs -= 1;
    clock.wallMs -= 1;
    expect(age.now()).toBe(clock.nowMs);
    clock.wallMs += HOUR;

    expect(age.now()).toBe(clock.nowMs + HOUR);
  });

  it('counts each time that the process is frozen', () => {
    const { clock, age } = setUp();
    for (let n = 0; n < 3; n++) {
      clock.jumpWallTime(HOUR);
      age.now();
      clock.advance(10);
    }

    expect(age.now()).toBe(500 + 3 * HOUR + 30);
  });

  it('counts many short ones when they come to more than a second', () => {
    const { clock, age } = setUp();
    for (let n = 0; n < 10; n++) {
      clock.jumpWallTime(300);
      age.now();
    }

    expect(age.now()).toBeGreaterThan(500 + 3000 - 1001);
    expect(age.now()).toBeLessThanOrEqual(500 + 3000);
  });

  it.each<[string, number[]]>([
    ['back', [-HOUR]],
    ['back and forth', [-HOUR, HOUR, -HOUR, HOUR]],
    ['back, and forward by less', [-HOUR, HOUR - 1]],
  ])('is not moved by a wall clock that is set %s', (_where, jumps) => {
    const { clock, age } = setUp();
    for (const jump of jumps) {
      clock.jumpWallTime(jump);
      expect(age.now()).toBe(500);
    }
  });

  it('counts once what goes forth and back and forth', () => {
    const { clock, age } = setUp();
    for (const jump of [HOUR, -HOUR, HOUR, -HOUR, HOUR]) {
      clock.jumpWallTime(jump);
      expect(age.now()).toBe(500 + HOUR);
    }
  });

  it('never goes back', () => {
    const { clock, age } = setUp();
    clock.jumpWallTime(HOUR);
    const before = age.now();
    clock.jumpWallTime(-2 * HOUR);

    expect(age.now()).toBe(before);
  });

  it.each([Infinity, Number.NaN, 1e300, -Infinity])('is not moved by a wall clock that says %d', (wallTime) => {
    const { clock, age } = setUp();
    jest.spyOn(clock, 'wallTime').mockReturnValue(wallTime);

    expect(age.now()).toBe(500);
  });

  it('is that of the clock where it has no wall time of its own', () => {
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => undefined };
    const age = ageClockOf(clock);
    const wallTime = jest.spyOn(Date, 'now').mockReturnValue(HOUR);
    nowMs = 7;

    expect(age.now()).toBe(7);
    expect(wallTime).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  it('goes on while the system is frozen', () => {
    const { now } = Date;
    const age = ageClockOf(systemClock);
    const before = age.now();
    let frozenMs = 0;
    Date.now = () => now() + frozenMs;
    try {
      expect(age.now() - before).toBeLessThan(HOUR);
      frozenMs = HOUR;
      expect(age.now() - before).toBeGreaterThanOrEqual(HOUR);
    } finally {
      Date.now = now;
    }
  });

  it('is exact with fake timers, that begin anew', () => {
    for (let n = 0; n < 3; n++) {
      jest.useFakeTimers();
      const age = ageClockOf(systemClock);
      const before = age.now();
      jest.advanceTimersByTime(HOUR);
      expect(age.now()).toBe(before + HOUR);
      jest.setSystemTime(Date.now() + HOUR);
      expect(age.now()).toBe(before + 2 * HOUR);
      jest.useRealTimers();
    }
  });
});
