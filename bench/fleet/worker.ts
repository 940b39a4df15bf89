/** A process of the fleet: does what it is told, and tells what happens to its breakers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitOpenError, registry, withBreaker, type BreakerState } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { createClient } from 'redis';
import type { News, Order, Setup } from './messages';
import { monotonicMs } from './monotonic';

const tell = (news: News): void => void process.send?.(news);

function operation(name: string, { breaker, dependencyUrl }: Setup) {
  return withBreaker(
    async (fails: boolean): Promise<void> => {
      if (fails) throw new Error('told to fail');
      if (dependencyUrl === undefined) return;
      const response = await fetch(dependencyUrl, { headers: { 'x-process': String(process.pid) } });
      // An unread body would hold its connection.
      await response.body?.cancel();
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    },
    { ...breaker, name },
  );
}

async function isRejected(call: Promise<void>): Promise<boolean> {
  return call.then(
    () => false,
    (error) => error instanceof CircuitOpenError,
  );
}

async function main([redisUrl = '', text = '']: string[]): Promise<void> {
  const setup = JSON.parse(text) as Setup;
  const operations = new Map(setup.operations.map((name) => [name, operation(name, setup)]));
  /** Where there is a dependency, it is to see no more than the calls that are measured. */
  const isRejectedNow = async (name: string, state: BreakerState): Promise<boolean> => {
    const call = operations.get(name);
    return state === 'open' && setup.dependencyUrl === undefined && call !== undefined && isRejected(call(false));
  };
  const client = createClient({ url: redisUrl });
  client.on('error', (error) => console.error(error));
  await client.connect();

  registry.on('transition', ({ operation: name, to }) => {
    const atMs = monotonicMs();
    void isRejectedNow(name, to).then((rejects) => tell({ kind: 'transition', operation: name, to, atMs, rejects }));
  });
  registry.on('store', ({ health, error }) => {
    if (health === 'down') tell({ kind: 'lost', why: String(error) });
  });
  const sharing = shareBreakers(registry, redisStore(fromNodeRedis(client), { prefix: setup.prefix }), setup.share);

  let isCalling = false;
  const keepCalling = async (name: string, intervalMs: number): Promise<void> => {
    while (isCalling) {
      await operations.get(name)?.(false).catch(() => undefined);
      await sleep(intervalMs);
    }
  };
  const carryOut = async (order: Order): Promise<void> => {
    switch (order.kind) {
      case 'fail':
        await operations.get(order.operation)?.(true).catch(() => undefined);
        break;
      case 'keep calling':
        isCalling = true;
        for (const name of order.operations) void keepCalling(name, order.intervalMs);
        break;
      case 'stop calling':
        isCalling = false;
        break;
      case 'stats':
    }
    const { user, system } = process.cpuUsage();
    tell({ kind: 'done', stats: sharing.stats, cpuMs: (user + system) / 1000 });
  };
  process.on('message', (order: Order) => void carryOut(order));
  process.on('disconnect', () => process.exit());
  tell({ kind: 'ready' });
}

void main(process.argv.slice(2));
