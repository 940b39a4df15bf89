/**
 * What `enableCallContext` costs: an `await` of the process, and a call of a protected function, before and after it.
 *
 *     npx tsx bench/call-context.ts
 *
 * There is no way back from it within a process, so every figure comes from a process of its own, in turns.
 */
import '../scripts/support/dev';
import { spawnSync } from 'node:child_process';
import { enableCallContext, withBreaker, withRetry } from '../lib';
import { median } from './statistics';

const ROUNDS = 15;
const COUNT = 200_000;

const work = {
  'an async call, awaited': async (): Promise<void> => undefined,
  'withBreaker(fn)()': withBreaker(async () => undefined, { name: 'breaker' }),
  'withRetry(fn)()': withRetry(async () => undefined, { name: 'retry' }),
};

const states = ['before', 'after'] as const;

type Figures = Record<string, number>;

/** Nanoseconds of processor time a call, the median of some rounds. */
async function measure(calls: Record<string, () => Promise<void>>): Promise<Figures> {
  const samples = Object.keys(calls).map((name) => ({ name, taken: [] as number[] }));
  for (let round = -3; round < ROUNDS; round++) {
    for (const { name, taken } of samples) {
      const call = calls[name]!;
      const since = process.cpuUsage();
      for (let n = 0; n < COUNT; n++) await call();
      const { user, system } = process.cpuUsage(since);
      if (round >= 0) taken.push(((user + system) * 1000) / COUNT);
    }
  }
  return Object.fromEntries(samples.map(({ name, taken }) => [name, median(taken)]));
}

/** Runs this script as a process that measures one state. */
function inProcess(state: (typeof states)[number]): Figures {
  const { stdout, status, stderr } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, state], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Figures;
}

function compare(): void {
  const runs = Array.from({ length: 3 }, () => states.map(inProcess));
  console.log(`Node ${process.version}, ns of processor time, medians of ${runs.length} processes`);
  console.log(`${''.padEnd(24)}${states.map((state) => state.padStart(8)).join('')}`);
  for (const name of Object.keys(work)) {
    const figures = states.map((_state, at) => median(runs.map((run) => run[at]![name]!)));
    console.log(`${name.padEnd(24)}${figures.map((ns) => ns.toFixed(0).padStart(8)).join('')}`);
  }
}

async function main(): Promise<void> {
  const [state] = process.argv.slice(2);
  if (state === undefined) {
    compare();
    return;
  }
  if (state === 'after') enableCallContext();
  // `AsyncLocalStorage` costs from the first value that was ever put into it.
  if (state === 'after') await work['withBreaker(fn)()']();
  console.log(JSON.stringify(await measure(work)));
}

void main();
