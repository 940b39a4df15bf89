import { SLICES, slotOf, TimeRing } from '../../lib/core/time-ring';

/** A ring of a hundred milliseconds, with the slots that it empties. */
function setUp() {
  const emptied: number[] = [];
  return { ring: new TimeRing(100, (slot) => emptied.push(slot)), emptied };
}

describe('TimeRing', () => {
  it.each([0, 5000, -5000, -50])('empties the slot of each slice that begins, once, from %d on', (start) => {
    const { ring, emptied } = setUp();
    ring.advance(start);
    emptied.length = 0;

    for (let elapsed = 1; elapsed <= 200; elapsed++) ring.advance(start + elapsed);

    const first = start / 10 + 1;
    expect(emptied).toEqual(Array.from({ length: 20 }, (_, index) => slotOf(first + index)));
    expect([ring.oldest, ring.newest]).toEqual([first + 10, first + 19]);
  });

  it('empties all its slots, each once, after however long a time', () => {
    const { ring, emptied } = setUp();
    ring.advance(0);
    emptied.length = 0;

    ring.advance(1e12);

    expect(emptied.sort()).toEqual(Array.from({ length: SLICES }, (_, slot) => slot));
  });

  it('does not go back', () => {
    const { ring, emptied } = setUp();
    ring.advance(1000);
    emptied.length = 0;

    ring.advance(500);

    expect(emptied).toEqual([]);
    expect(ring.newest).toBe(100);
  });
});

describe('rule 39: a ring of any duration returns, whatever its clock jumps to', () => {
  const JUMPS = [0, 1e3, 2 ** 53, 1.7e18, 1e300, Number.MAX_VALUE, Infinity, Number.NaN, -1e300];
  const DURATIONS = [Number.MIN_VALUE, 1e-13, 1e-3, 1, 1000, 1e300];

  it.each(DURATIONS)('%d ms', (duration) => {
    for (const from of JUMPS) {
      for (const to of JUMPS) {
        const emptied: number[] = [];
        const ring = new TimeRing(duration, (slot) => emptied.push(slot));
        ring.advance(from);
        ring.advance(to);

        expect(emptied.length).toBeLessThanOrEqual(2 * SLICES);
        expect(emptied.every((slot) => Number.isInteger(slot) && slot >= 0 && slot < SLICES)).toBe(true);
      }
    }
  });

  it('empties all slots when the clock jumps to a time whose slices cannot be told apart', () => {
    const { ring, emptied } = setUp();
    ring.advance(0);
    emptied.length = 0;

    ring.advance(1e300);

    expect(emptied.sort()).toEqual(Array.from({ length: SLICES }, (_, slot) => slot));
  });
});

describe('slotOf', () => {
  it('gives neighbours slots of their own, across zero too', () => {
    const slots = Array.from({ length: SLICES }, (_, index) => slotOf(index - 5));
    expect(slots).toEqual([5, 6, 7, 8, 9, 0, 1, 2, 3, 4]);
  });
});
