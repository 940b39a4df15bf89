import type { Comparison } from './comparison';
import { HAND_WRITTEN, OURS } from './contenders/names';
import { DECORATED } from './contenders/retry-and-breaker';
import { unitOf } from './figures';
import { ratio, type Spread } from './statistics';
import { isRival, type Timed, type Timings } from './timing';

/**
 * How much a ratio of times may exceed its target before `--check` fails: on a machine that does other things as well,
 * medians of two runs differ by so much. Sizes do not vary with the machine's load and have no margin.
 */
export const NOISE_MARGIN = 0.1;

/** A target, and what was measured. */
export interface Verdict {
  readonly target: string;
  readonly limit: string;
  /** What would be as good as it gets; absent where the target is that. */
  readonly moonshot?: string | undefined;
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
  readonly moonshot?: number;
}

const CLOSED = 'Closed circuit';
const OPEN = 'Open circuit';
const RETRY_AND_BREAKER = 'Retry and breaker';
const FULL_STACK = 'Retry, breaker, bulkhead and timeout';

const HAND_WRITTEN_TIMEOUT = 'hand-written timeout';

const ratioTargets: readonly RatioTarget[] = [
  { group: CLOSED, contender: OURS, reference: HAND_WRITTEN, atMost: 1.25, moonshot: 1.15 },
  { group: RETRY_AND_BREAKER, contender: DECORATED, reference: HAND_WRITTEN, atMost: 1.3, moonshot: 1.15 },
  { group: 'Count window', contender: OURS, reference: HAND_WRITTEN, atMost: 1.25 },
  { group: 'Time window', contender: OURS, reference: HAND_WRITTEN, atMost: 1.9 },
  { group: 'Timeout', contender: OURS, reference: HAND_WRITTEN_TIMEOUT, atMost: 0.5, moonshot: 0.2 },
  { group: FULL_STACK, contender: OURS, reference: 'cockatiel', atMost: 0.04 },
  { group: OPEN, contender: OURS, reference: 'cockatiel', atMost: 0.26 },
  { group: OPEN, contender: OURS, reference: 'opossum', atMost: 1 / 3, limit: '1/3' },
];

export function judgeRatios(timings: Timings): Verdict[] {
  return ratioTargets.map((target) => {
    const own = timedOf(timings, target.group, target.contender);
    const theirs = timedOf(timings, target.group, target.reference);
    return judgeRatio(target, ratio(own.samples, theirs.samples));
  });
}

/** Whether we are ahead of every peer that does the same work: each group's nearest one is judged. */
export function judgeAhead(timings: Timings): Verdict[] {
  return [...timings].map(([group, contenders]) => {
    const own = timedOf(timings, group, OURS);
    const rivals = [...contenders.values()].filter(isRival).map(({ name, samples }) => ({ name, spread: ratio(own.samples, samples) }));
    const nearest = rivals.reduce((one, other) => (other.spread.median > one.spread.median ? other : one));
    return judgeRatio({ group, contender: OURS, reference: nearest.name, atMost: 1 }, nearest.spread);
  });
}

function judgeRatio({ group, contender, reference, atMost, limit, moonshot }: RatioTarget, { median, low, high }: Spread): Verdict {
  return {
    target: `${group}: ${contender} / ${reference}`,
    limit: limit === undefined ? String(atMost) : `${limit} = ${atMost.toFixed(3)}`,
    moonshot: moonshot?.toString(),
    measured: `${median.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`,
    met: median <= atMost,
    failed: median > atMost * (1 + NOISE_MARGIN),
  };
}

/** The same of figures that are no times of calls. */
export function judgeSmallest({ title, unit, figures }: Comparison): Verdict {
  const own = figures.find(({ library }) => library === 'breaker-box')!;
  const rivals = figures.filter(({ library, lacks }) => library !== 'breaker-box' && lacks === undefined);
  const nearest = rivals.reduce((one, other) => (other.value < one.value ? other : one));
  return judgeFigure(`${title}: breaker-box, against ${nearest.library}`, own.value, nearest.value, unit);
}

/** How near a peer the yardstick itself comes: no breaker that does more can be expected to take less. */
export function floors(timings: Timings): string {
  const peers = [
    { group: CLOSED, peer: 'cockatiel', work: 'cockatiel' },
    { group: CLOSED, peer: 'opossum', work: 'opossum' },
    { group: RETRY_AND_BREAKER, peer: 'cockatiel', work: "cockatiel's retry and breaker" },
  ];
  return peers
    .map(({ group, peer, work }) => {
      const { samples } = timedOf(timings, group, HAND_WRITTEN);
      return `${ratio(samples, timedOf(timings, group, peer).samples).median.toFixed(3)} of ${work}`;
    })
    .join(', ');
}

/** Judges a figure that does not depend on what else the machine does. */
export function judgeFigure(target: string, figure: number, atMost: number, unit: string, moonshot?: number): Verdict {
  const met = figure <= atMost;
  return { target, limit: unitOf(atMost, unit), moonshot: moonshot === undefined ? undefined : unitOf(moonshot, unit), measured: unitOf(figure, unit), met, failed: !met };
}

/** Judges our share of a peer's figure. */
export function judgeShare({ title, figures }: Comparison, peer: string, atMost: number): Verdict {
  const valueOf = (name: string): number => figures.find(({ library }) => library === name)!.value;
  const share = valueOf('breaker-box') / valueOf(peer);
  return { target: `${title}: breaker-box / ${peer}`, limit: String(atMost), measured: share.toFixed(2), met: share <= atMost, failed: share > atMost * (1 + NOISE_MARGIN) };
}

function timedOf(timings: Timings, group: string, name: string): Timed {
  const timed = timings.get(group)?.get(name);
  if (timed === undefined) throw new Error(`Not measured: ${name} in ${group}`);
  return timed;
}
