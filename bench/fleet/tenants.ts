import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeEach, type Finding } from './finding';
import type { Connection } from './fleet';
import { byRound, type Probe } from './rounds';
import { monotonicMs } from './monotonic';

export interface TenantsSetup {
  readonly prefix: string;
  readonly registries: number;
  readonly keys: number;
  /** Each key of each registry is called once in this time. */
  readonly everyMs: number;
  readonly openMs: number;
}

export type TenantsOrder = { readonly kind: 'fail'; readonly keys: number } | { readonly kind: 'forget' } | { readonly kind: 'report' };

export type TenantsNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly losses: number; readonly probes: readonly (Probe & { readonly key: string })[] };

const PROCESSES = 48;
/** Real ones: two cores do not hold 48. */
const WORKERS = 2;
const KEYS = 1000;
const OUT = 100;
const OPEN_MS = 2000;
const CORE = 1 / 3;

/** What a large fleet costs Redis while all is well, and what becomes of it when many keys fail at once. */
export async function tenants(redisUrl: string, client: Connection, seconds: number): Promise<Finding> {
  const setup: TenantsSetup = { prefix: 'tenants', registries: PROCESSES / WORKERS, keys: KEYS, everyMs: 2000, openMs: OPEN_MS };
  const workers = await Promise.all(Array.from({ length: WORKERS }, () => start(redisUrl, setup)));
  const orderAll = (order: TenantsOrder) => Promise.all(workers.map((worker) => ask(worker, order)));
  try {
    // Until each breaker has been made and read once.
    await sleep(8000);
    const [before, beganAtMs] = [await cpuSeconds(client), monotonicMs()];
    const lossesBefore = lossesOf(await orderAll({ kind: 'report' }));
    await sleep(1000 * seconds);
    const core = ((await cpuSeconds(client)) - before) / ((monotonicMs() - beganAtMs) / 1000);
    const lossesClosed = lossesOf(await orderAll({ kind: 'report' })) - lossesBefore;
    const memory = Number(/^used_memory_dataset:(\d+)/m.exec(await client.info('memory'))?.[1] ?? NaN);

    await orderAll({ kind: 'fail', keys: OUT });
    // By then each has opened: what was called meanwhile was no probe.
    await sleep(OPEN_MS);
    await orderAll({ kind: 'forget' });
    await sleep(1000 * Math.max(10, seconds / 2));
    const reports = await orderAll({ kind: 'report' });
    const probes = reports.flatMap((report) => report.probes).sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
    const rounds = [...new Set(probes.map(({ key }) => key))].flatMap((key) => byRound(probes.filter((probe) => probe.key === key), OPEN_MS));
    const lossesOut = lossesOf(reports) - lossesBefore - lossesClosed;
    return {
      verdicts: [
        { target: `Redis, of ${PROCESSES} processes with ${KEYS} keys each, closed: share of a core`, limit: CORE.toFixed(2), measured: core.toFixed(2), met: core <= CORE, failed: core > CORE },
        { target: `Losses of the store meanwhile, in ${seconds} s`, limit: '0', measured: String(lossesClosed), met: lossesClosed === 0, failed: lossesClosed > 0 },
        judgeEach(`${OUT} keys out at once: rounds with one probe`, rounds.filter(({ length }) => length === 1).length, rounds.length),
        { target: 'Losses of the store in that outage', limit: '0', measured: String(lossesOut), met: lossesOut === 0, failed: lossesOut > 0 },
      ],
      details: `${PROCESSES} registries in ${WORKERS} processes, each with a connection of its own, called each of ${KEYS} keys once in 2 s. Redis kept ${Math.round(memory / 1024)} KB of data while all was closed.`,
    };
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
  }
}

async function start(redisUrl: string, setup: TenantsSetup): Promise<ChildProcess> {
  const worker = fork(join(__dirname, 'tenants-worker.ts'), [redisUrl, JSON.stringify(setup)]);
  await once(worker, 'message');
  return worker;
}

async function ask(worker: ChildProcess, order: TenantsOrder): Promise<TenantsNews & { kind: 'done' }> {
  const answer = once(worker, 'message');
  worker.send(order);
  return (await answer)[0] as TenantsNews & { kind: 'done' };
}

function lossesOf(reports: readonly { readonly losses: number }[]): number {
  return reports.reduce((sum, { losses }) => sum + losses, 0);
}

/** What the server has worked so far. */
async function cpuSeconds(client: Connection): Promise<number> {
  const info = await client.info('cpu');
  return ['user', 'sys'].reduce((sum, kind) => sum + Number(new RegExp(`^used_cpu_${kind}:([\\d.]+)`, 'm').exec(info)?.[1] ?? NaN), 0);
}
