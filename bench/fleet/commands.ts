import { setTimeout as sleep } from 'node:timers/promises';
import type { SharingStats } from 'breaker-box/redis';
import { lossOf, type Finding } from './finding';
import { Fleet, type Connection } from './fleet';
import { monotonicMs } from './monotonic';

const PROCESSES = 4;
const OPERATIONS = Array.from({ length: 50 }, (_, n) => `Service.method${n}`);
/** The others are there, and nobody calls them. */
const USED = OPERATIONS.slice(0, 20);
const POLL_MS = 500;
const AT_MOST = 17;
/** Polls come every `POLL_MS` in the mean, ± 20 % each: a mean of so many may be a little nearer. */
const JITTER = 0.03;

/** How many commands a process sends while all are closed: a read for each shard in use, and a heartbeat. */
export async function commands(redisUrl: string, client: Connection, polls: number): Promise<Finding> {
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, { prefix: 'commands', operations: OPERATIONS, breaker: {}, share: { pollInterval: POLL_MS } });
  await fleet.orderAll({ kind: 'keep calling', operations: USED, intervalMs: 100 });
  // What was asked for the new breakers is over, and each has been called.
  await sleep(4 * POLL_MS);

  const before = await sent(fleet);
  await client.configResetStat();
  const beganAtMs = monotonicMs();
  await sleep(polls * POLL_MS);
  const after = await sent(fleet);
  const intervals = (monotonicMs() - beganAtMs) / POLL_MS;
  const { calls, usecPerCall } = await scriptStats(client);

  const count = after - before;
  const rate = count / (PROCESSES * intervals);
  return {
    verdicts: [
      {
        target: 'Commands per process and `pollInterval`, closed',
        limit: `${AT_MOST} (± ${JITTER * 100} %: polls are jittered)`,
        measured: rate.toFixed(1),
        met: rate <= AT_MOST * (1 + JITTER),
        failed: rate > AT_MOST * (1 + JITTER),
      },
    ],
    details:
      `Each of ${PROCESSES} processes called ${USED.length} of its ${OPERATIONS.length} operations every 100 ms; they sent ${count} commands (Redis: ${calls}) in ${intervals.toFixed(1)} intervals of ${POLL_MS} ms. ` +
      `Redis took ${usecPerCall} µs for one. ${lossOf(fleet)}`,
  };
}

async function sent(fleet: Fleet): Promise<number> {
  const stats = await Promise.all(fleet.processes.map((process) => process.order({ kind: 'stats' })));
  return stats.reduce((sum, { commands: count }: SharingStats) => sum + count, 0);
}

/** What Redis says of the script: its calls, and how long one took. */
async function scriptStats(client: Connection): Promise<{ readonly calls: number; readonly usecPerCall: string }> {
  const info = await client.info('commandstats');
  const [, calls = '0', usecPerCall = '?'] = /^cmdstat_evalsha:calls=(\d+),usec=\d+,usec_per_call=([\d.]+)/m.exec(info) ?? [];
  return { calls: Number(calls), usecPerCall };
}
