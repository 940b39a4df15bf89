/** A call of the dependency in an outage, by the clock that processes have in common. */
export interface Probe {
  readonly arrivedAtMs: number;
  readonly answeredAtMs: number;
}

/** The store's clock has whole milliseconds. */
const ROUNDING_MS = 1;

/** A round is over when its probe is answered, and the next one cannot begin before the circuit was open for its time. */
export function byRound<P extends Probe>(log: readonly P[], openMs: number): P[][] {
  const rounds: P[][] = [];
  let nextFromMs = -Infinity;
  for (const probe of log) {
    if (probe.arrivedAtMs >= nextFromMs) rounds.push([]);
    rounds.at(-1)!.push(probe);
    nextFromMs = Math.max(nextFromMs, probe.answeredAtMs + openMs - ROUNDING_MS);
  }
  return rounds;
}
