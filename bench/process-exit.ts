import { transformSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { root } from '../scripts/support/process';
import { median } from './statistics';

const METHODS = 1000;
const RUNS = 5;
const LONGEST_MS = 20_000;

/** Decorates a thousand methods, calls each, and prints how much later the process came to its end. */
const program = transformSync(
  `
  const { CircuitBreaker, Retry } = require('breaker-box');
  class Service {
    ${Array.from({ length: METHODS }, (_, n) => `@Retry @CircuitBreaker async method${n}() { return ${n}; }`).join('\n')}
  }
  const service = new Service();
  const calls = Array.from({ length: ${METHODS} }, (_, n) => service['method' + n]());
  Promise.all(calls).then((values) => {
    const settledAt = performance.now();
    process.on('exit', () => console.log(JSON.stringify({ settled: values.length, waitedMs: performance.now() - settledAt })));
  });
  `,
  { loader: 'ts', format: 'cjs', target: 'es2022' },
).code;

export interface ExitTimes {
  /** From the last call's settling to the end of the event loop, milliseconds. */
  readonly waitedMs: number;
  /** The whole process, milliseconds. */
  readonly totalMs: number;
}

/** How long a process that has nothing left to do takes to end by itself: medians of five. */
export function exitTimes(): ExitTimes {
  const runs = Array.from({ length: RUNS }, runOnce);
  return { waitedMs: median(runs.map(({ waitedMs }) => waitedMs)), totalMs: median(runs.map(({ totalMs }) => totalMs)) };
}

function runOnce(): ExitTimes {
  const startedAt = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-'], {
    cwd: root, // where `breaker-box` is this package itself
    input: program,
    encoding: 'utf8',
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  const totalMs = performance.now() - startedAt;
  // A process that hangs has missed the target, and says so; any other failure is the benchmark's own.
  if (signal === 'SIGKILL') return { waitedMs: Infinity, totalMs: Infinity };
  if (status !== 0) throw new Error(`The process failed:\n${stderr}`);
  const { settled, waitedMs } = JSON.parse(stdout) as { settled: number; waitedMs: number };
  if (settled !== METHODS) throw new Error(`${settled} of ${METHODS} methods answered`);
  return { waitedMs, totalMs };
}
