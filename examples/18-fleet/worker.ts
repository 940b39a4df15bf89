// One process of the service: it calls the dependency again and again, and tells at the end what it met.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, withBreaker } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { createClient } from 'redis';
import { get } from '../support/http';
import { RECOVERY_MS, THRESHOLD, type Seen, type Terms } from './settings';

/** @returns Ends it. */
async function share(registry: BreakerRegistry, redisUrl: string): Promise<() => void> {
  const client = createClient({ url: redisUrl });
  client.on('error', (error) => console.error(error));
  await client.connect();
  // Without the store each goes on by itself: that is not what is shown here.
  registry.on('store', ({ health, error }) => console.error(`the store is ${health}`, error ?? ''));
  // The first probe of an outage waits for one lease: a store that has lost a record might not know of a probe that still runs.
  const sharing = shareBreakers(registry, redisStore(fromNodeRedis(client)), { commandTimeout: '1s', lease: '3s' });
  return () => {
    sharing.stop();
    client.destroy();
  };
}

/** Calls until it is told that it is over. */
async function serve({ url, intervalMs, redisUrl }: Terms): Promise<Seen> {
  const registry = new BreakerRegistry();
  const stock = withBreaker(async () => (await get(url)).json(), {
    name: 'stock.fetch',
    failureThreshold: THRESHOLD,
    recoveryTimeout: RECOVERY_MS,
    // A probe that takes longer gives its slot to another one.
    halfOpen: { probeTimeout: '5s' },
    registry,
  });
  const leave = redisUrl === undefined ? undefined : await share(registry, redisUrl);

  const seen: Seen = { openedAt: undefined, probes: 0 };
  registry.on('transition', ({ to, at }) => {
    if (to === 'open') seen.openedAt ??= at;
  });
  registry.on('probe', () => seen.probes++);

  let isOver = false;
  process.once('message', () => {
    isOver = true;
  });
  process.send?.('ready');
  while (!isOver) {
    await stock().catch(() => undefined);
    await sleep(intervalMs);
  }
  leave?.();
  return seen;
}

async function main(): Promise<void> {
  process.once('disconnect', () => process.exit());
  process.send?.('started');
  for (;;) {
    const [terms] = (await once(process, 'message')) as [Terms];
    process.send?.(await serve(terms));
  }
}

void main();
