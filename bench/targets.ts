import { ratio } from './statistics';
import type { Timings } from './timing';

/**
 * How much a ratio of times may exceed its target before `--check` fails: on a machine that does other things as well,
 * medians of two runs differ by so much. Sizes do not vary with the machine's load and have no margin.
 */
export const NOISE_MARGIN = 0.1;

/** A target, and what was measured. */
export interface Verdict {
  readonly target: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
  /** Missed by more than noise explains. */
  readonly failed: boolean;
}

interface RatioTarget {
  readonly group: string;
  readonly contender: string;
  readonly reference: string;
  readonly atMost: number;
  /** The limit in words, where it is a fraction. */
  readonly limit?: string;
}

const CLOSED = 'Closed circuit';
const OPEN = 'Open circuit';
const RETRIED = '@Retry over @CircuitBreaker';

const ratioTargets: readonly RatioTarget[] = [
  { group: CLOSED, contender: 'withBreaker', reference: 'hand-written', atMost: 1.25 },
  { group: CLOSED, contender: 'withBreaker', reference: 'cockatiel', atMost: 2 / 5, limit: '2/5' },
  { group: CLOSED, contender: 'withBreaker', reference: 'opossum', atMost: 1 / 6, limit: '1/6' },
  { group: CLOSED, contender: RETRIED, reference: 'hand-written', atMost: 1.6 },
  { group: CLOSED, contender: RETRIED, reference: 'cockatiel wrap(retry, breaker)', atMost: 1 / 5, limit: '1/5' },
  { group: OPEN, contender: 'withBreaker', reference: 'cockatiel', atMost: 1 / 3, limit: '1/3' },
  { group: OPEN, contender: 'withBreaker', reference: 'opossum', atMost: 1 / 3, limit: '1/3' },
];

export function judgeRatios(timings: Timings): Verdict[] {
  return ratioTargets.map(({ group, contender, reference, atMost, limit }) => {
    const samples = timings.get(group);
    const own = samples?.get(contender);
    const theirs = samples?.get(reference);
    if (own === undefined || theirs === undefined) throw new Error(`Not measured: ${contender}, ${reference} in ${group}`);
    const { median, low, high } = ratio(own, theirs);
    return {
      target: `${group}: ${contender} / ${reference}`,
      limit: limit === undefined ? String(atMost) : `${limit} = ${atMost.toFixed(3)}`,
      measured: `${median.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`,
      met: median <= atMost,
      failed: median > atMost * (1 + NOISE_MARGIN),
    };
  });
}

/** How near a peer the yardstick itself comes: no breaker that does more can be expected to take less. */
export function floors(timings: Timings): string {
  const closed = timings.get(CLOSED);
  const yardstick = closed?.get('hand-written');
  if (closed === undefined || yardstick === undefined) throw new Error(`Not measured: hand-written in ${CLOSED}`);
  const peers = ['cockatiel', 'cockatiel wrap(retry, breaker)', 'opossum'];
  return peers.map((peer) => `${ratio(yardstick, closed.get(peer) ?? []).median.toFixed(3)} of ${peer}`).join(', ');
}

/** Judges a figure that does not depend on what else the machine does. */
export function judgeFigure(target: string, figure: number, atMost: number, unit: string): Verdict {
  const met = figure <= atMost;
  return { target, limit: `${grouped(atMost)} ${unit}`, measured: `${grouped(figure)} ${unit}`, met, failed: !met };
}

/** Rounded, in groups of three digits. */
export function grouped(figure: number): string {
  return (Math.round(figure) + 0).toLocaleString('en-US'); // + 0: no minus before a zero
}
