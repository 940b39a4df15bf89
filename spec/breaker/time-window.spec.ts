import fc from 'fast-check';
import { TimeWindow } from '../../lib/breaker/windows';

const DURATION = 100;
/** A window leaves by tenths. */
const WIDTH = DURATION / 10;

interface Outcome {
  readonly failed: boolean;
  readonly slow: boolean;
  /** Time since the outcome before it. */
  readonly after: number;
}

const outcomes = fc.array(
  fc.record<Outcome>({
    failed: fc.boolean(),
    slow: fc.boolean(),
    after: fc.oneof(fc.constantFrom(0, 0, 1, 9, 10, 11, 90, 99, 100, 101), fc.integer({ min: 0, max: 350 })),
  }),
  { maxLength: 50 },
);
/** Clocks may start anywhere. */
const start = fc.constantFrom(0, 5, 1234, -1234, 2 ** 40);

interface Timed extends Outcome {
  readonly at: number;
}

function timed(list: readonly Outcome[], origin: number): Timed[] {
  let at = origin;
  return list.map((outcome) => ({ ...outcome, at: (at += outcome.after) }));
}

/** The naive window: outcomes whose tenth is one of the last ten. */
function countsAt(list: readonly Timed[], now: number, width = WIDTH) {
  const tenth = (time: number): number => Math.floor(time / width);
  const held = list.filter(({ at }) => tenth(now) - tenth(at) < 10);
  return {
    calls: held.length,
    failures: held.filter(({ failed }) => failed).length,
    slow: held.filter(({ slow }) => slow).length,
  };
}

function read({ calls, failures, slow }: TimeWindow) {
  return { calls, failures, slow };
}

function filled(list: readonly Timed[], duration = DURATION): TimeWindow {
  const window = new TimeWindow(duration);
  for (const { failed, slow, at } of list) window.record(failed, slow, at);
  return window;
}

describe('TimeWindow', () => {
  it('counts the outcomes of its last ten tenths, after each one', () => {
    fc.assert(
      fc.property(outcomes, start, (list, origin) => {
        const window = new TimeWindow(DURATION);
        const all = timed(list, origin);
        all.forEach(({ failed, slow, at }, index) => {
          window.record(failed, slow, at);
          expect(read(window)).toEqual(countsAt(all.slice(0, index + 1), at));
        });
      }),
    );
  });

  it('forgets by time alone what has left it', () => {
    fc.assert(
      fc.property(outcomes, start, fc.integer({ min: 0, max: 250 }), (list, origin, idle) => {
        const all = timed(list, origin);
        const window = filled(all);
        const now = (all.at(-1)?.at ?? origin) + idle;
        window.stats(now);

        expect(read(window)).toEqual(countsAt(all, now));
      }),
    );
  });

  it('holds an outcome for nine tenths of its duration at least, and never for longer than all of it', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 200 }), (origin, offset, age) => {
        const at = origin + offset;
        const window = new TimeWindow(DURATION);
        window.record(true, false, at);
        window.stats(at + age);

        if (age <= DURATION - WIDTH) expect(window.calls).toBe(1);
        if (age >= DURATION) expect(window.calls).toBe(0);
      }),
    );
  });

  it('is empty after an idle hour, and goes on', () => {
    const window = new TimeWindow(5000);
    for (let n = 0; n < 50; n++) window.record(true, true, n * 90);
    window.record(false, false, 3_600_000);

    expect(read(window)).toEqual({ calls: 1, failures: 0, slow: 0 });
  });

  it('costs no more after a long time than after a short one', () => {
    const window = new TimeWindow(1);
    window.record(true, false, 0);
    // Bucket by bucket, this would be ten to the power of sixteen steps.
    window.stats(Number.MAX_SAFE_INTEGER / 10);

    expect(window.calls).toBe(0);
  });

  it('takes a time before its newest for its newest', () => {
    const window = new TimeWindow(DURATION);
    window.record(true, false, 1000);
    window.record(true, false, 500);
    window.stats(1099);
    expect(window.calls).toBe(2);
    window.stats(1100);

    expect(window.calls).toBe(0);
  });

  it('is the same after a save and a load at once, whatever the duration', () => {
    fc.assert(
      fc.property(outcomes, fc.constantFrom(100, 7, 333, 1000, 0.5), (list, duration) => {
        const all = timed(list, 0);
        const now = all.at(-1)?.at ?? 0;
        const window = filled(all, duration);
        const loaded = new TimeWindow(duration);
        loaded.restore(JSON.parse(JSON.stringify(window.snapshot(now))), now, 0);

        expect(read(loaded)).toEqual(read(window));
        expect(loaded.snapshot(now)).toEqual(window.snapshot(now));
      }),
    );
  });

  it('ages between a save and a load by the gap, to within a tenth', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 0, max: 200 }), fc.integer({ min: -500, max: 500 }), (list, gap, shift) => {
        const all = timed(list, 0);
        const saved = all.at(-1)?.at ?? 0;
        const content = filled(all).snapshot(saved);
        const loaded = new TimeWindow(DURATION);
        // The other process has a clock with an origin of its own.
        loaded.restore(content, saved + gap + shift, gap);

        const older = countsAt(all, saved + gap + WIDTH).calls;
        const younger = countsAt(all, saved + gap - WIDTH).calls;
        expect(loaded.calls).toBeGreaterThanOrEqual(older);
        expect(loaded.calls).toBeLessThanOrEqual(younger);
      }),
    );
  });

  it.each([1e-13, 1000])('rule 39: counts, forgets and saves with a clock of nanoseconds since 1970, and a duration of %d', (duration) => {
    const window = new TimeWindow(duration);
    const now = 1.7e18;
    window.record(true, false, now);
    expect(window.calls).toBe(1);
    expect(window.snapshot(now)).toMatchObject({ buckets: [{ calls: 1, failures: 1 }] });

    window.stats(now + 1e6);
    expect(read(window)).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it('rule 39: forgets everything when the clock jumps to a huge time, and goes on', () => {
    const window = filled([{ failed: true, slow: true, after: 0, at: 5 }]);

    window.record(false, false, 1e300);

    expect(read(window)).toEqual({ calls: 1, failures: 0, slow: 0 });
    expect(window.snapshot(1e300)).toEqual({ type: 'time', buckets: [{ age: expect.any(Number), calls: 1, failures: 0, slow: 0 }] });
  });

  it('saves ages and counts, oldest first, and no empty tenth', () => {
    const window = filled([
      { failed: true, slow: false, after: 0, at: 5 },
      { failed: true, slow: true, after: 0, at: 8 },
      { failed: false, slow: false, after: 0, at: 35 },
    ]);

    expect(window.snapshot(45)).toEqual({
      type: 'time',
      buckets: [
        { age: 40, calls: 2, failures: 2, slow: 1 },
        { age: 10, calls: 1, failures: 0, slow: 0 },
      ],
    });
  });

  it('takes nothing from the content of a count window', () => {
    const window = new TimeWindow(DURATION);
    window.restore({ type: 'count', outcomes: '111' }, 0, 0);

    expect(window.calls).toBe(0);
  });
});
