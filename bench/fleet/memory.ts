import { setTimeout as sleep } from 'node:timers/promises';
import { grouped } from '../figures';
import { table } from '../table';
import type { Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';

const PROCESSES = 8;
const VOTES = 3;
const PARTS = { s: 'record', v: 'votes', m: 'members' } as const;

/** What Redis keeps of one operation. */
export async function memory(redisUrl: string, client: Connection): Promise<Finding> {
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, {
    prefix: 'memory',
    operations: [OPERATION],
    breaker: { failureThreshold: 1, recoveryTimeout: '1h' },
    share: { quorum: { min: VOTES + 1, ratio: 0 } },
  });
  const closed = await bytesOfKeys(client);
  await trip(fleet, 0, VOTES);
  while ((await fleet.act({ kind: 'get' })).votes < VOTES) await sleep(10);
  const voted = await bytesOfKeys(client);
  const opened = fleet.processes.slice(VOTES).map((process) => process.turned('open'));
  await trip(fleet, VOTES, VOTES + 1);
  await Promise.all(opened);
  const open = await bytesOfKeys(client);
  const rows = Object.entries({ closed, [`closed, ${VOTES} votes`]: voted, open }).map(([state, bytes]) => {
    return [state, ...bytes.map(grouped), grouped(bytes.reduce((sum, part) => sum + part, 0))];
  });
  return {
    verdicts: [],
    details: `Memory of an operation of ${PROCESSES} processes in Redis, in bytes (\`MEMORY USAGE\`):\n\n${table(['State', ...Object.values(PARTS), 'all'], rows)}`,
  };
}

async function trip({ processes }: Fleet, from: number, to: number): Promise<void> {
  await Promise.all(processes.slice(from, to).map((process) => process.order({ kind: 'fail', operation: OPERATION })));
}

/** 0 for a key that is not there. */
async function bytesOfKeys(client: Connection): Promise<number[]> {
  const sizes = Object.keys(PARTS).map((part) => client.memoryUsage(`memory:1:{${OPERATION}}:${part}`, { SAMPLES: 0 }));
  return (await Promise.all(sizes)).map((bytes) => bytes ?? 0);
}
