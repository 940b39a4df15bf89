/**
 * Measures breaker-box beside its peers and what one would write by hand, and prints a report.
 *
 * `--write` puts the report into README.md and draws chart.svg; `--check` fails when a target is missed; `--rounds n` trades
 * time for precision.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleForBrowsers } from '../scripts/support/browser-bundle';
import { root } from '../scripts/support/process';
import { bundleSizes } from './bundle-size';
import { chart } from './chart';
import { coldStarts } from './cold-start';
import type { Comparison } from './comparison';
import { closed } from './contenders/closed';
import { failures } from './contenders/failing';
import { fullStack } from './contenders/full-stack';
import { open } from './contenders/open';
import { retryAlone } from './contenders/retry';
import { retryAndBreaker } from './contenders/retry-and-breaker';
import { timeoutAcrossTurns, timeoutAlone } from './contenders/timeout';
import { countWindow, timeWindow } from './contenders/windows';
import { breakerPrograms, retryPrograms, stackPrograms } from './feature-sets';
import { grouped } from './figures';
import { growthBytes } from './growth';
import { BREAKERS, breakerBytes, idleBreakers, idleStacks, registeredBreakerBytes, wrapperBytes } from './memory';
import { forgetMollitia } from './peers/mollitia';
import { exitTimes } from './process-exit';
import { prove } from './proofs';
import { report } from './report';
import type { Results } from './results';
import { floors, judgeAhead, judgeFigure, judgeRatios, judgeShare, judgeSmallest } from './targets';
import { time, type Timings } from './timing';

/** Less than a bit a call: what the engine itself keeps, such as compiled code, comes and goes by more than nothing. */
const NO_GROWTH_BYTES = 200_000;
const AT_ONCE_MS = 100;

/** What a program that uses so much of the library may weigh. */
const WEIGHTS = [
  { work: 'withBreaker', names: 'withBreaker', atMost: 12_000, moonshot: 10_000 },
  { work: 'withRetry', names: 'withRetry', atMost: 10_000, moonshot: 8000 },
  { work: 'withBreaker and withRetry', names: 'withBreaker, withRetry', atMost: 15_000, moonshot: 12_000 },
  { work: 'withPipeline with a list of four', names: 'withPipeline, retry, circuitBreaker, timeout, bulkhead', atMost: 16_000, moonshot: 13_000 },
];

function valueOf(comparisons: readonly Comparison[], title: string): number {
  return comparisons.find((one) => one.title === title)!.figures.find(({ library }) => library === 'breaker-box')!.value;
}

async function measureCalls(rounds: number): Promise<Timings> {
  const groups = [
    closed(),
    countWindow(),
    timeWindow(),
    failures(),
    ...(await open()),
    await retryAlone(),
    await retryAndBreaker(),
    await timeoutAlone(),
    await timeoutAcrossTurns(),
    await fullStack(),
  ];
  await prove(groups);
  const timings = await time(groups, rounds);
  forgetMollitia();
  return timings;
}

/** What there is besides the time of a call: memory, imports, bundles. */
async function compare(): Promise<Comparison[]> {
  return [
    idleBreakers(),
    await idleStacks(),
    coldStarts('Import of a retry', retryPrograms),
    coldStarts('Import of a breaker', breakerPrograms),
    coldStarts('Import of a full stack', stackPrograms),
    await bundleSizes('Bundle of a retry', retryPrograms),
    await bundleSizes('Bundle of a breaker', breakerPrograms),
    await bundleSizes('Bundle of a full stack', stackPrograms),
  ];
}

async function measure(rounds: number): Promise<Results> {
  const timings = await measureCalls(rounds);
  const growth = await growthBytes();
  const breaker = breakerBytes();
  const registered = registeredBreakerBytes();
  const { waitedMs, totalMs } = exitTimes();
  const comparisons = await compare();
  return {
    rounds,
    timings,
    comparisons,
    verdicts: [
      ...judgeRatios(timings),
      judgeFigure(`Heap of an idle default breaker, of ${grouped(BREAKERS)}`, breaker, 700, 'bytes'),
      judgeFigure('Heap of a breaker made by `breakerOf`, with its entry in the registry', registered, 800, 'bytes'),
      judgeFigure('Heap of an idle `withBreaker`', wrapperBytes(), 2200, 'bytes'),
      judgeFigure('Heap of an idle stack of four', valueOf(comparisons, 'Heap of an idle full stack'), 2800, 'bytes'),
      ...['retry', 'breaker', 'full stack'].map((work) => judgeShare(comparisons.find(({ title }) => title === `Import of a ${work}`)!, 'cockatiel', 0.35)),
      judgeFigure('Growth of the heap by two million calls', growth, NO_GROWTH_BYTES, 'bytes'),
      judgeFigure('A thousand decorated methods: last call settled to end of process', waitedMs, AT_ONCE_MS, 'ms'),
      ...(await Promise.all(
        WEIGHTS.map(async ({ work, names, atMost, moonshot }) => {
          const { gzippedBytes } = await bundleForBrowsers(`export { ${names} } from 'breaker-box';`, root);
          return judgeFigure(`${work} bundled for browsers, minified, gzipped`, gzippedBytes, atMost, 'bytes', moonshot);
        }),
      )),
    ],
    ahead: [...judgeAhead(timings), ...comparisons.map(judgeSmallest)],
    notes: [
      `For comparison, the hand-written breaker takes ${floors(timings)}.`,
      `The process with a thousand decorated methods takes ${grouped(totalMs)} ms in all.`,
    ],
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '60' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a whole number from 1');
  const results = await measure(rounds);
  const text = report(results);
  console.log(text);
  if (values.write) {
    writeFileSync(join(__dirname, 'README.md'), `${text}\n`);
    writeFileSync(join(__dirname, 'chart.svg'), chart(results.timings));
  }
  if (values.check && [...results.verdicts, ...results.ahead].some(({ failed }) => failed)) process.exitCode = 1;
}

void main();
