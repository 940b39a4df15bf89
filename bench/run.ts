/**
 * Measures breaker-box beside a hand-written breaker, cockatiel and opossum, and prints a report.
 *
 * `--write` puts the report into README.md; `--check` fails when a target is missed; `--rounds n` trades time for precision.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleForBrowsers } from '../scripts/support/browser-bundle';
import { root } from '../scripts/support/process';
import { closed } from './contenders/closed';
import { failures } from './contenders/failing';
import { open } from './contenders/open';
import { countWindow, timeWindow } from './contenders/windows';
import { BREAKERS, breakerBytes, growthBytes, registeredBreakerBytes } from './memory';
import { exitTimes } from './process-exit';
import { report, type Results } from './report';
import { floors, grouped, judgeFigure, judgeRatios } from './targets';
import { time } from './timing';

/** Less than a bit a call: what the engine itself keeps, such as compiled code, comes and goes by more than nothing. */
const NO_GROWTH_BYTES = 200_000;
const AT_ONCE_MS = 100;

async function measure(rounds: number): Promise<Results> {
  const timings = await time([closed(), countWindow(), timeWindow(), failures(), ...(await open())], rounds);
  const growth = await growthBytes();
  const { waitedMs, totalMs } = exitTimes();
  const { gzippedBytes } = await bundleForBrowsers(`export { withBreaker, withRetry } from 'breaker-box';`, root);
  return {
    rounds,
    timings,
    verdicts: [
      ...judgeRatios(timings),
      judgeFigure(`Heap of an idle default breaker, of ${grouped(BREAKERS)}`, breakerBytes(), 700, 'bytes'),
      judgeFigure('Growth of the heap by two million calls', growth, NO_GROWTH_BYTES, 'bytes'),
      judgeFigure('A thousand decorated methods: last call settled to end of process', waitedMs, AT_ONCE_MS, 'ms'),
      judgeFigure('withBreaker and withRetry bundled for browsers, minified, gzipped', gzippedBytes, 12 * 1024, 'bytes'),
    ],
    notes: [
      `For comparison, through a closed circuit the hand-written breaker takes ${floors(timings)}.`,
      `Without a target: a breaker made by \`registry.getOrCreate\`, with all that the registry keeps of it, takes ${grouped(registeredBreakerBytes())} bytes.`,
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
  if (values.write) writeFileSync(join(__dirname, 'README.md'), `${text}\n`);
  if (values.check && results.verdicts.some(({ failed }) => failed)) process.exitCode = 1;
}

void main();
