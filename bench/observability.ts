/**
 * What it costs a call that somebody watches: nanoseconds of processor time, for each way of watching.
 *
 *     npx tsx bench/observability.ts
 *
 * What is listened to changes what the engine compiles, so every figure comes from a process of its own, in turns.
 */
import '../scripts/support/dev';
import { spawnSync } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { registry, withBreaker, withPolicies } from '../lib';
import { logTransitions } from '../lib/operate';
import { openTelemetryMetrics, openTelemetryTraces } from '../lib/adapters/opentelemetry';
import { prometheusMetrics } from '../lib/adapters/prometheus';
import { median } from './statistics';

const ROUNDS = 9;
const COUNT = 50_000;
const PROCESSES = 3;

const ignore = (): void => undefined;

const ways: Record<string, () => unknown> = {
  nobody: ignore,
  logTransitions: () => logTransitions(registry, { info: ignore, warn: ignore }),
  channels: () => {
    for (const name of ['transition', 'reject', 'retry', 'probe', 'late']) subscribe(`breaker-box:${name}`, ignore);
  },
  prometheusMetrics: () => prometheusMetrics(registry, { register: new Registry() }),
  openTelemetryMetrics: () => openTelemetryMetrics(registry, { meter: new MeterProvider().getMeter('bench') }),
  openTelemetryTraces: () => openTelemetryTraces(registry),
};

const open = withBreaker(async () => undefined, { name: 'open', recoveryTimeout: Infinity });

const work: Record<string, () => Promise<unknown>> = {
  'withBreaker(fn)()': withBreaker(async () => undefined, { name: 'breaker' }),
  'retry and breaker': withPolicies(async () => undefined, { name: 'retry', retry: {}, breaker: {} }),
  'open circuit': () => open().catch(ignore),
};

type Figures = Record<string, number>;

/** The median of some rounds. */
async function measure(): Promise<Figures> {
  open.breaker?.trip();
  const samples = Object.keys(work).map((name) => ({ name, taken: [] as number[] }));
  for (let round = -3; round < ROUNDS; round++) {
    for (const { name, taken } of samples) {
      const call = work[name]!;
      const since = process.cpuUsage();
      for (let n = 0; n < COUNT; n++) await call();
      const { user, system } = process.cpuUsage(since);
      if (round >= 0) taken.push(((user + system) * 1000) / COUNT);
    }
  }
  return Object.fromEntries(samples.map(({ name, taken }) => [name, median(taken)]));
}

/** Runs this script as a process that measures one way. */
function inProcess(way: string): Figures {
  const { stdout, status, stderr } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, way], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Figures;
}

function compare(): void {
  const names = Object.keys(ways);
  const runs = Array.from({ length: PROCESSES }, () => names.map(inProcess));
  console.log(`Node ${process.version}, ns of processor time, medians of ${PROCESSES} processes`);
  console.log(`${''.padEnd(24)}${Object.keys(work).map((name) => name.padStart(20)).join('')}`);
  names.forEach((way, at) => {
    const figures = Object.keys(work).map((name) => median(runs.map((run) => run[at]![name]!)));
    console.log(`${way.padEnd(24)}${figures.map((ns) => ns.toFixed(0).padStart(20)).join('')}`);
  });
}

async function main(): Promise<void> {
  const [way] = process.argv.slice(2);
  if (way === undefined) {
    compare();
    return;
  }
  ways[way]?.();
  console.log(JSON.stringify(await measure()));
}

void main();
