// Six processes of a service call one dependency, and that goes down for some seconds. By itself, each process has to find out,
// and each sends probes; where they share their breakers through Redis, some find out for all, and one probe at a time is sent.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled, RedisServer } from '../../spec/support/redis-server';
import { json } from '../support/content';
import { fault } from '../support/fault';
import { FlakyServer } from '../support/flaky-server';
import { Fleet } from './fleet';
import { RECOVERY_MS, THRESHOLD } from './settings';

const HEALTHY_MS = 1500;
const OUTAGE_MS = 8000;

/** An outage, as the dependency and the processes saw it. */
interface Outage {
  readonly processes: number;
  /** Requests that no probe made: circuits were closed. */
  readonly failed: number;
  readonly probes: number;
  /** Until the last process rejected. */
  readonly allRejectAfterMs: number;
  /** When requests came, in milliseconds from its begin. */
  readonly arrivals: readonly number[];
}

async function outage(fleet: Fleet, redisUrl?: string): Promise<Outage> {
  await using server = await FlakyServer.start({ '/stock': json(() => ({ widgets: 7 })) });
  await fleet.begin(server.url('/stock'), redisUrl);
  await sleep(HEALTHY_MS);

  const arrivals: number[] = [];
  const beganAt = Date.now();
  server.route('/stock').misbehave(({ elapsedMs }) => {
    arrivals.push(elapsedMs);
    return fault.status(503);
  });
  await sleep(OUTAGE_MS);
  const reports = await fleet.end();

  const probes = reports.reduce((sum, report) => sum + report.probes, 0);
  return {
    processes: reports.length,
    failed: arrivals.length - probes,
    probes,
    allRejectAfterMs: Math.max(...reports.map(({ openedAt }) => openedAt ?? Infinity)) - beganAt,
    arrivals,
  };
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, column) => (column === 0 ? String(cell).padEnd(24) : String(cell).padStart(18))).join('');
}

async function main(): Promise<void> {
  if (!isInstalled) {
    console.log('NOT RUN: redis-server is not installed (apt-get install redis-server), and this example is about breakers that are shared through one.');
    if (process.env['CI'] !== undefined) process.exitCode = 1;
    return;
  }
  await using fleet = await Fleet.start();
  const alone = await outage(fleet);
  const redis = await RedisServer.start();
  const shared = await outage(fleet, redis.url).finally(() => redis.stop());

  console.log(`The dependency of ${alone.processes} processes is down for ${OUTAGE_MS / 1000} s. It saw:\n`);
  console.log(row(['breakers', 'failed calls', 'probes', 'all reject after']));
  for (const [name, { failed, probes, allRejectAfterMs }] of [['of each process', alone], ['shared', shared]] as const) {
    console.log(row([name, failed, probes, `${Math.round(allRejectAfterMs)} ms`]));
  }

  // Each has to see as many failures as open a circuit.
  assert.equal(alone.failed, alone.processes * THRESHOLD);
  assert(shared.failed < alone.failed);
  assert(shared.allRejectAfterMs < alone.allRejectAfterMs);
  // One probe a round, of whichever process: after each that fails, all wait. Clocks are read in whole milliseconds.
  const probes = shared.arrivals.slice(shared.failed);
  const nearest = Math.min(...probes.slice(1).map((arrival, n) => arrival - probes[n]!));
  assert(probes.length > 1 && probes.length < alone.probes);
  assert(nearest > RECOVERY_MS - 2, `probes came after ${probes.map(Math.round).join(', ')} ms`);
  console.log(`\nShared, probes came ${Math.floor(nearest)} ms apart at least: one in each round, for all processes.`);
}

void main();
