import type { Run } from './dependency';
import type { FleetReport, Opening } from './forked-fleet';

/** More than what the calls of a few seconds leave, less than what commands that nobody answers would. */
const HEAP_GROWTH = 6 * 1024 * 1024;

/** What holds whatever happens to a store. */
export function expectUnharmed({ members, before, after }: FleetReport): void {
  const calls = after.flatMap((report) => report.calls);
  expect(calls.filter(({ outcome }) => outcome === 'misled')).toEqual([]);
  // None waits for the store, but who asks for a probe slot, and that one no longer than it may.
  expect(calls.filter(({ hasWaited, mayProbe }) => hasWaited && !mayProbe)).toEqual([]);
  expect(calls.filter(({ outstayed }) => outstayed)).toEqual([]);
  expect(after.flatMap(({ uncaught }) => uncaught)).toEqual([]);
  after.forEach(({ heap }, n) => {
    expect(heap - before[n]!.heap).toBeLessThan(HEAP_GROWTH);
  });
  const states = new Map<number, string>();
  for (const { epoch, state } of members.flatMap(({ confirmed }) => confirmed)) {
    expect({ epoch, state }).toEqual({ epoch, state: states.get(epoch) ?? state });
    states.set(epoch, state);
  }
}

/** While the fleet was open, and had confirmed it, nobody called. */
export function expectQuiet({ log }: FleetReport, ...openings: Opening[]): void {
  // Times are told in whole milliseconds.
  const early = openings.map(({ from, until }) => log.filter(({ startedAt }) => startedAt > from && startedAt < until - 1));
  expect(early).toEqual(openings.map(() => []));
}

/** Of the probes that began in a time when the store was well, there was at least one, and never two at once. */
export function expectOneProbeAtOnce({ log }: FleetReport, from: number, to: number): void {
  const probes = log.filter(({ isProbe, startedAt }) => isProbe && startedAt >= from && startedAt < to);
  expect(probes.length).toBeGreaterThan(0);
  expect(mostAtOnce(probes)).toBe(1);
}

/** Each member went on with its calls in that time. */
export function expectServed({ after }: FleetReport, from: number, to: number): void {
  for (const { calls } of after) {
    const then = calls.filter(({ at }) => at > from && at < to);
    expect(then.length).toBeGreaterThan(0);
    expect(then.filter(({ outcome }) => outcome !== 'served')).toEqual([]);
  }
}

export function mostAtOnce(runs: readonly Run[]): number {
  return Math.max(0, ...runs.map(({ startedAt }) => runs.filter((other) => other.startedAt <= startedAt && startedAt < other.endedAt).length));
}
