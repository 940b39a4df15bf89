import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker, type Worker } from './support/workerd';

/** Answers a path by a protected function, and says what came of it, and after how many milliseconds. */
const source = `
  import { withPolicies } from 'breaker-box';
  const work = async (ms: number) => {
    await new Promise((resolve) => { setTimeout(resolve, ms); });
    return 'answer';
  };
  const paths = {
    '/timeout': withPolicies(work, { name: 'timed', timeout: 500 }),
    '/attempts': withPolicies(work, { name: 'tried', retry: { maxAttempts: 2, baseDelay: 10, attemptTimeout: 250 } }),
    '/rate-limit': withPolicies(work, { name: 'limited', rateLimit: { limit: 5, burst: 1, maxWait: '3s' } }),
    '/cache': withPolicies(work, { name: 'cached', cache: { ttl: '1m' } }),
    '/bulkhead': withPolicies(work, { name: 'single', bulkhead: { maxConcurrent: 1, maxQueue: 5, maxWait: '3s' } }),
  };
  export default {
    async fetch(request: Request) {
      const { pathname, searchParams } = new URL(request.url);
      const startedAt = Date.now();
      const outcome = await paths[pathname](Number(searchParams.get('ms'))).catch((error) => error.code ?? String(error));
      return Response.json([outcome, Date.now() - startedAt]);
    },
  };
`;

describe.each([
  ['without nodejs_compat', {}],
  ['with nodejs_compat', { compatibilityFlags: ['nodejs_compat'] }],
])('rule 36: in workerd, which ties timers and promises to requests, %s', (_what, options) => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ source, ...options });
  });
  afterAll(() => worker.stop());

  async function ask(path: string, ms: number, signal?: AbortSignal): Promise<[outcome: string, afterMs: number]> {
    const response = await worker.fetch(`${path}?ms=${ms}`, signal === undefined ? {} : { signal });
    return (await response.json()) as [string, number];
  }

  /** Two requests side by side, of which the first ends soon. */
  async function sideBySide(path: string, firstMs: number, secondMs: number) {
    const first = ask(path, firstMs);
    await sleep(40);
    const second = ask(path, secondMs);
    return [await first, await second] as const;
  }

  it.each(['/timeout', '/attempts'])('a timeout fires when the request that came before has ended, and for those that come later: %s', async (path) => {
    for (let round = 0; round < 2; round++) {
      const [first, second] = await sideBySide(path, 100, 4000);
      expect(first[0]).toBe('answer');
      expect(second[0]).toBe('BREAKER_TIMEOUT');
      expect(second[1]).toBeGreaterThanOrEqual(490);
      expect(second[1]).toBeLessThan(3000);
    }
  });

  it('a slot of a bulkhead goes on to a request that waits for it', async () => {
    for (let round = 0; round < 2; round++) {
      const [first, second] = await sideBySide('/bulkhead', 200, 10);
      expect([first[0], second[0]]).toEqual(['answer', 'answer']);
      expect(second[1]).toBeLessThan(2500);
    }
  });

  it('a request that asks for the same as one that leaves is answered', async () => {
    const left = new AbortController();
    const first = ask('/cache', 300, left.signal).catch(() => 'left');
    await sleep(40);
    const second = ask('/cache', 300);
    await sleep(40);
    left.abort();
    expect(await first).toBe('left');
    expect((await second)[0]).toBe('answer');
    expect((await ask('/cache', 300))[1]).toBeLessThan(200);
  });

  it('a request waits for a rate limit though the one before it has left', async () => {
    await ask('/rate-limit', 1);
    const left = new AbortController();
    const first = ask('/rate-limit', 1, left.signal).catch(() => 'left');
    await sleep(20);
    const second = ask('/rate-limit', 1);
    await sleep(20);
    left.abort();
    expect(await first).toBe('left');
    expect((await second)[0]).toBe('answer');
    expect((await second)[1]).toBeLessThan(2500);
  });

  it('and nothing is written to its log', () => {
    expect(worker.output()).toBe('');
  });
});
