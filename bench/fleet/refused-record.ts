import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, withBreaker } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { keyOf } from '../../lib/fleet/redis/keys';
import type { Finding } from './finding';
import type { Connection } from './fleet';

const OPERATIONS = Array.from({ length: 50 }, (_, n) => `operation-${n}`);
const POLL_MS = 500;
const AT_MOST = 2;

/** How many more commands a process sends when the server refuses one record of fifty. */
export async function refusedRecord(client: Connection, polls: number): Promise<Finding> {
  const well = await commandsOf(client, 'all-well', polls);
  await client.hSet(keyOf('one-refused', OPERATIONS[0]!), 'another', 'type');
  const refused = await commandsOf(client, 'one-refused', polls);
  const ratio = refused.commands / well.commands;
  return {
    verdicts: [
      { target: 'Commands with one refused record of 50 / with none', limit: AT_MOST.toFixed(1), measured: ratio.toFixed(2), met: ratio <= AT_MOST, failed: ratio > AT_MOST },
      { target: '`store` events in that time', limit: String(polls), measured: String(refused.events), met: refused.events <= polls, failed: refused.events > polls },
    ],
    details: `A process with ${OPERATIONS.length} operations in use sent ${well.commands} commands in ${polls} intervals of ${POLL_MS} ms, and ${refused.commands} when something else than a record was at the key of one.`,
  };
}

async function commandsOf(client: Connection, prefix: string, polls: number): Promise<{ readonly commands: number; readonly events: number }> {
  const registry = new BreakerRegistry();
  let events = 0;
  registry.on('store', () => events++);
  const calls = OPERATIONS.map((name) => withBreaker(async () => undefined, { name, registry }));
  const sharing = shareBreakers(registry, redisStore(fromNodeRedis(client), { prefix }), { pollInterval: POLL_MS });
  const calling = setInterval(() => {
    for (const call of calls) void call();
  }, 50);
  await sleep(4 * POLL_MS);
  const { commands: before } = sharing.stats;
  await sleep(polls * POLL_MS);
  const { commands: after } = sharing.stats;
  clearInterval(calling);
  sharing.stop();
  return { commands: after - before, events };
}
