// One process of the service: it calls the dependency again and again, and tells at the end what it met.

import { setTimeout as sleep } from 'node:timers/promises';
import { registry, withBreaker } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { createClient } from 'redis';
import { get } from '../support/http';
import { RECOVERY_MS, THRESHOLD, type Seen } from './settings';

async function share(redisUrl: string): Promise<void> {
  const client = createClient({ url: redisUrl });
  client.on('error', (error) => console.error(error));
  await client.connect();
  // A new breaker is not probed for one lease: a process that nobody knows of any more might still do so.
  shareBreakers(registry, redisStore(fromNodeRedis(client)), { commandTimeout: '500ms', lease: '1500ms' });
}

async function main([url = '', intervalMs, redisUrl]: string[]): Promise<void> {
  const stock = withBreaker(async () => (await get(url)).json(), { name: 'stock.fetch', failureThreshold: THRESHOLD, recoveryTimeout: RECOVERY_MS });
  if (redisUrl !== undefined) await share(redisUrl);

  const seen: Seen = { openedAt: undefined, probes: 0 };
  registry.on('transition', ({ to, at }) => {
    if (to === 'open') seen.openedAt ??= at;
  });
  registry.on('probe', () => seen.probes++);

  let isOver = false;
  process.once('message', () => {
    isOver = true;
  });
  process.once('disconnect', () => process.exit());
  process.send?.('ready');
  while (!isOver) {
    await stock().catch(() => undefined);
    await sleep(Number(intervalMs));
  }
  process.send?.(seen, () => process.exit());
}

void main(process.argv.slice(2));
