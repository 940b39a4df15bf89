import { setTimeout as sleep } from 'node:timers/promises';
import { channelOf } from '../../lib/fleet/redis/keys';
import type { Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';
import { monotonicMs } from './monotonic';

const PREFIX = 'hostile';
const PER_SECOND = 2000;
const TICK_MS = 10;
const AT_MOST = 0.05;

/** What somebody who may publish can do to a process: its work with and without the messages, as a share of a core. */
export async function hostileMessages(redisUrl: string, client: Connection, seconds: number): Promise<Finding> {
  await using fleet = await Fleet.start(redisUrl, client, 1, { prefix: PREFIX, operations: [OPERATION], breaker: {}, share: {} });
  await fleet.orderAll({ kind: 'keep calling', operations: [OPERATION], intervalMs: 100 });
  await sleep(2000);
  const quiet = await coreWhile(fleet, () => sleep(1000 * seconds));
  const hostile = await coreWhile(fleet, () => publish(client, seconds));
  const cost = hostile - quiet;
  return {
    verdicts: [
      { target: `${PER_SECOND} hostile messages a second: share of a core`, limit: String(AT_MOST), measured: cost.toFixed(3), met: cost <= AT_MOST, failed: cost > 2 * AT_MOST },
    ],
    details: `Messages of 2 KB, bytes that are no UTF-8, names that nobody has, revisions of the future, and one of 5 MB a second: the process took ${(100 * hostile).toFixed(1)} % of a core, and ${(100 * quiet).toFixed(1)} % without them.`,
  };
}

const MESSAGES = [Buffer.alloc(2000, '['), Buffer.from([0xff, 0xfe, 0x80, 0xc0]), Buffer.from('nobody zzzzzzzz.x'), Buffer.from(`${encodeURIComponent(OPERATION)} zzzzzzzzzz.x`)];
const HUGE = Buffer.alloc(5_000_000, '[');

async function publish(client: Connection, seconds: number): Promise<void> {
  const channel = channelOf(PREFIX);
  const endsAtMs = monotonicMs() + 1000 * seconds;
  for (let tick = 0; monotonicMs() < endsAtMs; tick++) {
    const burst = Array.from({ length: (PER_SECOND * TICK_MS) / 1000 }, (_, n) => MESSAGES[n % MESSAGES.length]!);
    if (tick % (1000 / TICK_MS) === 0) burst.push(HUGE);
    await Promise.all([...burst.map((message) => client.publish(channel, message)), sleep(TICK_MS)]);
  }
}

async function coreWhile(fleet: Fleet, work: () => Promise<unknown>): Promise<number> {
  const [process] = fleet.processes;
  const cpuMs = async (): Promise<number> => (await process!.order({ kind: 'stats' })).cpuMs;
  const [before, beganAtMs] = [await cpuMs(), monotonicMs()];
  await work();
  return ((await cpuMs()) - before) / (monotonicMs() - beganAtMs);
}
