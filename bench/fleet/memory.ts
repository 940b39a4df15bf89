import { setTimeout as sleep } from 'node:timers/promises';
import { grouped } from '../figures';
import { table } from '../table';
import type { Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';

const PROCESSES = 8;
const VOTES = 3;
const PREFIX = 'memory';

/** What Redis keeps of one operation. */
export async function memory(redisUrl: string, client: Connection): Promise<Finding> {
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, {
    prefix: PREFIX,
    operations: [OPERATION],
    breaker: { failureThreshold: 1, recoveryTimeout: '1h' },
    share: { quorum: { min: VOTES + 1, ratio: 0 }, pollInterval: '500ms' },
  });
  await fleet.orderAll({ kind: 'keep calling', operations: [OPERATION], intervalMs: 100 });
  await sleep(2000);
  const closed = await bytesOf(client);
  await fleet.orderAll({ kind: 'stop calling' });
  await trip(fleet, 0, VOTES);
  while (((await fleet.record())?.votes.length ?? 0) < VOTES) await sleep(10);
  const voted = await bytesOf(client);
  const opened = fleet.processes.slice(VOTES).map((process) => process.turned('open'));
  await trip(fleet, VOTES, VOTES + 1);
  await Promise.all(opened);
  const open = await bytesOf(client);
  const rows = Object.entries({ closed, [`closed, ${VOTES} votes`]: voted, open }).map(([state, bytes]) => [state, ...bytes.map(grouped)]);
  return {
    verdicts: [],
    details: `Memory in Redis, in bytes (\`MEMORY USAGE\`), of one operation and of the heartbeats of ${PROCESSES} processes:\n\n${table(['State', 'record', 'heartbeats'], rows)}`,
  };
}

async function trip({ processes }: Fleet, from: number, to: number): Promise<void> {
  await Promise.all(processes.slice(from, to).map((process) => process.order({ kind: 'fail', operation: OPERATION })));
}

/** 0 for a key that is not there. */
async function bytesOf(client: Connection): Promise<number[]> {
  const keys = await client.keys(`{${PREFIX}:*`);
  const sizeOf = async (key: string | undefined): Promise<number> => (key === undefined ? 0 : ((await client.memoryUsage(key, { SAMPLES: 0 })) ?? 0));
  const isHeartbeats = (key: string): boolean => key.endsWith(':members}');
  return Promise.all([sizeOf(keys.find((key) => !isHeartbeats(key))), sizeOf(keys.find(isHeartbeats))]);
}
