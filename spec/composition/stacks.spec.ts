import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, timeout, withPolicies, type PolicyOptions } from '../../lib';

async function query(): Promise<never> {
  await sleep(1);
  throw new Error('down');
}

/** The stack of an error that a function throws after an await, called by `handleRequest`. */
async function stackThrough(policies: PolicyOptions): Promise<string> {
  const load = withPolicies(query, { registry: new BreakerRegistry(), ...policies });
  async function handleRequest(): Promise<never> {
    return await load();
  }
  return handleRequest().catch((error: unknown) => (error as Error).stack!);
}

describe('rule 50: the stack of an error leads to the caller', () => {
  it.each<[string, PolicyOptions]>([
    ['breaker', { breaker: {} }],
    ['retry', { retry: { maxAttempts: 1 } }],
    ['bulkhead', { bulkhead: 2 }],
    ['rate limit', { rateLimit: 10 }],
    ['cache', { cache: { ttl: '1s' } }],
    ['timeout', { timeout: '1s' }],
    ['cooperative timeout', { timeout: { duration: '1s', mode: 'cooperative' } }],
    ['timeout of each attempt', { retry: { maxAttempts: 1, attemptTimeout: '1s' } }],
    ['hedge', { hedge: { delay: '1s', idempotent: true } }],
    ['all of them', { retry: { maxAttempts: 1 }, breaker: {}, bulkhead: 2, timeout: '2s', hedge: { delay: '1s', idempotent: true } }],
  ])('through a %s', async (_what, policies) => {
    expect(await stackThrough(policies)).toContain('handleRequest');
  });

  it('through a timeout within a timeout', async () => {
    const load = withPolicies(query, [timeout('1s'), timeout('2s')]);
    async function handleRequest(): Promise<never> {
      return await load();
    }
    expect(await handleRequest().catch((error: unknown) => (error as Error).stack)).toContain('handleRequest');
  });
});
