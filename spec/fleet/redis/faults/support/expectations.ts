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

/** What the members were told of the health of their store, each the same. */
export function expectTold({ members }: FleetReport, ...health: string[]): void {
  const told = members.map((member) => member.store.map(({ health: now, operation }) => (operation === '' ? now : `${operation} ${now}`)));
  const trouble = members.map(({ store }) => store.filter(({ error }) => error !== 'undefined').map(({ error }) => error));
  expect({ told, trouble }).toEqual({ told: members.map(() => health), trouble });
}

/** While the fleet was open, and had confirmed it, nobody called. */
export function expectQuiet({ log }: FleetReport, ...openings: Opening[]): void {
  // A store counts in whole milliseconds, and by a clock that may be set right meanwhile.
  const early = openings.map(({ from, until }) => log.filter(({ startedAt }) => startedAt > from && startedAt < until - 2));
  expect(early).toEqual(openings.map(() => []));
}

/** Probes of the fleet: there was at least one, and never two at once, whatever the store met. */
export function expectOneProbeAtOnce({ log }: FleetReport): void {
  const probes = log.filter(({ passage }) => passage === 'probe');
  expect(probes.length).toBeGreaterThan(0);
  const crowds = probes.map(({ startedAt }) => runningAt(probes, startedAt)).filter(({ length }) => length > 1);
  expect(crowds).toEqual([]);
}

/** In a time when the store was well, none probed by itself. */
export function expectNoneAlone({ log }: FleetReport, from = 0, to = Infinity): void {
  expect(log.filter(({ passage, startedAt }) => passage === 'own probe' && startedAt > from && startedAt < to)).toEqual([]);
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
  return Math.max(0, ...runs.map(({ startedAt }) => runningAt(runs, startedAt).length));
}

function runningAt(runs: readonly Run[], at: number): Run[] {
  return runs.filter(({ startedAt, endedAt }) => startedAt <= at && at < endedAt);
}
