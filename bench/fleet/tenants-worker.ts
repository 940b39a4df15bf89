/** Many processes of a fleet in one: registries that share a breaker for each of many keys, and call all of them again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, withBreaker } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { createClient } from 'redis';
import { monotonicMs } from './monotonic';
import type { TenantsNews, TenantsOrder, TenantsSetup } from './tenants';

const TICK_MS = 20;

const tell = (news: TenantsNews): void => void process.send?.(news);

async function main([redisUrl = '', text = '']: string[]): Promise<void> {
  const { prefix, registries, keys, everyMs, openMs } = JSON.parse(text) as TenantsSetup;
  const names = Array.from({ length: keys }, (_, n) => `tenant-${n}`);
  let failing = new Set<string>();
  let losses = 0;
  let probes: { key: string; arrivedAtMs: number; answeredAtMs: number }[] = [];
  const work = async (key: string): Promise<void> => {
    if (!failing.has(key)) return;
    const arrivedAtMs = monotonicMs();
    await sleep(5);
    probes.push({ key, arrivedAtMs, answeredAtMs: monotonicMs() });
    throw new Error('down');
  };
  const calls: (() => void)[] = [];
  for (let n = 0; n < registries; n++) {
    const client = createClient({ url: redisUrl });
    client.on('error', (error) => console.error(error));
    await client.connect();
    const registry = new BreakerRegistry();
    registry.on('store', ({ health }) => {
      if (health === 'down') losses++;
    });
    const call = withBreaker(work, { name: 'tenants', registry, key: (key: string) => key, maxKeys: keys + 1, failureThreshold: 1, recoveryTimeout: openMs });
    shareBreakers(registry, redisStore(fromNodeRedis(client), { prefix }), { quorum: { min: 1, ratio: 0 } });
    for (const name of names) calls.push(() => void call(name).catch(() => undefined));
  }
  // In an order that mixes registries and keys, so that each tick has calls of all.
  calls.sort(() => Math.random() - 0.5);
  process.on('message', (order: TenantsOrder) => {
    if (order.kind === 'fail') failing = new Set(names.slice(0, order.keys));
    if (order.kind === 'forget') probes = [];
    tell({ kind: 'done', losses, probes });
  });
  process.on('disconnect', () => process.exit());
  tell({ kind: 'ready' });
  const perTick = Math.ceil((calls.length * TICK_MS) / everyMs);
  for (let at = 0; ; at = (at + perTick) % calls.length) {
    for (const call of calls.slice(at, at + perTick)) call();
    await sleep(TICK_MS);
  }
}

void main(process.argv.slice(2));
