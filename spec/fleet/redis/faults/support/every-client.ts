import type { ClientKind } from './member-messages';
import { Running } from './running';

const CLIENTS: readonly ClientKind[] = ['node-redis', 'ioredis'];

/** One spec for each client, side by side: most of what they do is to wait. Whatever `run` starts is stopped afterwards. */
export function itWithEveryClient(title: string, run: (client: ClientKind, running: Running) => Promise<void>): void {
  describe(title, () => {
    const running = new Running();
    const runs = new Map<ClientKind, Promise<void>>();
    beforeAll(async () => {
      for (const client of CLIENTS) runs.set(client, run(client, running));
      await Promise.allSettled(runs.values());
    });
    afterAll(() => running.stop());

    it.each(CLIENTS)('by %s', (client) => runs.get(client));
  });
}
