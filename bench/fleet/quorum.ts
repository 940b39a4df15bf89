import { table } from '../table';
import type { Finding } from './finding';
import { simulate, type Scenario } from './quorum/simulate';
import type { Quorum } from './quorum/votes';

/** The default first. */
const QUORUMS: readonly Quorum[] = [
  { min: 3, ratio: 0.1 },
  { min: 2, ratio: 0 },
  { min: 2, ratio: 0.1 },
  { min: 3, ratio: 0.15 },
  { min: 3, ratio: 0.2 },
  { min: 2, ratio: 0.5 },
];

const FLEET = { pods: 50, callsPerSecond: 50, skew: 1, errorRate: 0.01, lastsMs: 30_000, failing: 'all' } as const;
const BAD_ZONE_MS = 1_800_000;

/** Of each scenario: a figure for each quorum. */
interface Row {
  readonly title: string;
  readonly figures: readonly number[];
}

/** What a quorum saves in an outage, and what it lets two bad pods do, by real breakers in virtual time and a model of the votes. */
export function quorum(seeds: number): Finding {
  const outages = [30, 120, 600].flatMap((seconds) =>
    [0, 0.5, 1, 1.5].flatMap((skew) => [5, 50, 200].map((callsPerSecond) => savedIn(seeds, { ...FLEET, skew, callsPerSecond, lastsMs: 1000 * seconds }))),
  );
  const zones = [0, 0.5, 1, 1.5].flatMap((skew) => [0.05, 0.2, 1, 5, 50].map((callsPerSecond) => openedBy(seeds, { ...FLEET, skew, callsPerSecond, lastsMs: BAD_ZONE_MS })));
  const small = [2, 3, 5, 8, 12, 20].map((pods) => savedIn(seeds, { ...FLEET, pods, callsPerSecond: pods, lastsMs: 120_000 }));
  const [share = NaN] = savedIn(seeds, FLEET).figures;
  const openings = zones.filter(({ title }) => !title.startsWith('0.')).reduce((sum, { figures: [n = NaN] }) => sum + n, 0);
  return {
    verdicts: [
      { target: 'Failed calls of 50 pods in an outage of 30 s (Zipf, 50 calls/s): default quorum / local breakers', limit: '40 %', measured: percent(share), met: share <= 0.4, failed: share > 0.4 },
      { target: 'Openings of the fleet by two bad pods of 50 (1 call/s and more)', limit: '0', measured: String(openings), met: openings === 0, failed: openings > 0 },
    ],
    details: [
      'Failed calls in an outage, of those of local breakers. 50 pods; the n-th has 1 / n^skew of the traffic of the first.',
      asTable('outage, calls/s of all, skew', outages, percent),
      `The same in small fleets, one call a second and pod, skew 1, an outage of 120 s.`,
      asTable('pods', small, percent),
      `Openings of a fleet of 50 in ${3 * seeds} half hours, in which two pods fail all the time: the busiest two, the second and sixth, two of the tail.`,
      asTable('calls/s of all, skew', zones, String),
    ].join('\n\n'),
  };
}

function savedIn(seeds: number, scenario: Omit<Scenario, 'seed'>): Row {
  const failed = (chosen?: Quorum): number => sumOver(seeds, (seed) => simulate({ ...scenario, seed }, chosen).failed);
  const local = failed();
  const { pods, lastsMs, callsPerSecond, skew } = scenario;
  return { title: pods === FLEET.pods ? `${lastsMs / 1000} s, ${callsPerSecond}, ${skew}` : String(pods), figures: QUORUMS.map((chosen) => failed(chosen) / local) };
}

function openedBy(seeds: number, scenario: Omit<Scenario, 'seed' | 'failing'>): Row {
  const zones = [[0, 1], [1, 5], [20, 40]];
  const openings = (chosen: Quorum): number => sumOver(seeds, (seed) => zones.reduce((sum, failing) => sum + simulate({ ...scenario, failing, seed }, chosen).openings, 0));
  return { title: `${scenario.callsPerSecond}, ${scenario.skew}`, figures: QUORUMS.map(openings) };
}

function sumOver(seeds: number, of: (seed: number) => number): number {
  return Array.from({ length: seeds }, (_, n) => of(n + 1)).reduce((sum, figure) => sum + figure, 0);
}

function asTable(title: string, rows: readonly Row[], format: (figure: number) => string): string {
  const heads = QUORUMS.map(({ min, ratio }) => `${min}, ${ratio}`);
  return table([title, ...heads], rows.map((row) => [row.title, ...row.figures.map(format)]));
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
