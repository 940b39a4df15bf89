import fc from 'fast-check';
import { ageClockOf } from '../../lib/core/clock';
import { RequestHistory } from '../../lib/throttle/request-history';
import { ManualClock } from '../support/manual-clock';
import { runs } from '../support/runs';

const WINDOW_MS = 1000;
const SLICE_MS = WINDOW_MS / 10;

/** The formula, over a list of all that ever happened. */
function expectedProbability(added: readonly { at: number; accepted: boolean }[], nowMs: number, k: number): number {
  const oldest = Math.floor(nowMs / SLICE_MS) - 9;
  const inWindow = added.filter(({ at }) => Math.floor(at / SLICE_MS) >= oldest);
  const accepts = inWindow.filter(({ accepted }) => accepted).length;
  return Math.max(0, (inWindow.length - k * accepts) / (inWindow.length + 1));
}

describe('the probability with which a request is held back', () => {
  it('is max(0, (requests − k · accepts) / (requests + 1)) over the last ten slices of the window', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 80 });
    fc.assert(
      fc.property(steps, fc.double({ min: 1, max: 5, noNaN: true }), fc.integer({ min: -5000, max: 5000 }), (doings, k, origin) => {
        const clock = new ManualClock({ now: origin });
        const history = new RequestHistory(WINDOW_MS, ageClockOf(clock));
        const added: { at: number; accepted: boolean }[] = [];
        for (const [pause, accepted] of doings) {
          clock.advance(pause);
          expect(history.rejectionProbability(k)).toBeCloseTo(expectedProbability(added, clock.now(), k), 12);
          history.add(accepted);
          added.push({ at: clock.now(), accepted });
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it.each([
    [0, 0, 2, 0],
    [1, 1, 2, 0],
    [1, 0, 2, 1 / 2],
    [9, 0, 2, 9 / 10],
    [100, 50, 2, 0],
    [100, 49, 2, 2 / 101],
    [100, 25, 2, 50 / 101],
    [100, 25, 1, 75 / 101],
    [100, 25, 4, 0],
  ])('after %d requests, %d of them accepted, with k = %d: %d', (requests, accepts, k, expected) => {
    const history = new RequestHistory(WINDOW_MS, ageClockOf(new ManualClock()));
    for (let n = 0; n < requests; n++) history.add(n < accepts);
    expect(history.rejectionProbability(k)).toBe(expected);
  });

  it('never asks for the time while every request was accepted', () => {
    const clock = new ManualClock();
    const history = new RequestHistory(WINDOW_MS, ageClockOf(clock));
    history.add(true);
    const now = jest.spyOn(clock, 'now');
    history.rejectionProbability(2);
    expect(now).not.toHaveBeenCalled();
  });

  it('is that of an empty history after an idle window', () => {
    const clock = new ManualClock();
    const history = new RequestHistory(WINDOW_MS, ageClockOf(clock));
    history.add(false);
    expect(history.isEmpty).toBe(false);
    clock.advance(WINDOW_MS);
    expect(history.rejectionProbability(2)).toBe(0);
    expect(history.isEmpty).toBe(true);
  });
});
