import { format, inspect } from 'node:util';
import { Breaker, BreakerRegistry, withBreaker } from '../../lib';
import { axiosFailure, secretsIn } from '../support/axios-failure';
import { TimerClock } from '../support/timer-clock';

const failing = async (): Promise<never> => {
  throw axiosFailure();
};

async function failed(): Promise<Breaker> {
  const breaker = new Breaker({ name: 'api', clock: new TimerClock(), failureThreshold: 1 });
  await breaker.execute(failing).catch(() => undefined);
  return breaker;
}

// Rule 49.
describe('a breaker that is printed', () => {
  it('shows nothing of the request that its last failure carries, also with hidden properties', async () => {
    const breaker = await failed();
    const shown = [
      inspect(breaker),
      inspect(breaker, { depth: 20, showHidden: true }),
      inspect({ nested: [breaker] }, { depth: 20, showHidden: true }),
      format('%o', breaker),
      format('%O', { breaker }),
    ];

    for (const text of shown) expect(secretsIn(text)).toEqual([]);
    expect(breaker.stats.lastError).toMatchObject({ name: 'AxiosError' });
  });

  it('shows name, state and statistics, and name, message, code and status of the last failure', async () => {
    const shown = inspect(await failed(), { showHidden: true, breakLength: Infinity });

    expect(shown).toMatch(/^Breaker \{ ?\s*name: 'api',\s+state: 'open',\s+stats: \{/);
    expect(shown).toContain('failures: 1,');
    expect(shown).toMatch(/lastError: \{\s+name: 'AxiosError',\s+message: 'Request failed with status code 503',\s+code: 'ERR_BAD_RESPONSE',\s+status: 503\s+\}/);
  });

  it('shows its key, where it has one', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    await withBreaker(async (_host: string) => 'answer', { name: 'api', registry, key: (host) => host })('a.test');
    const breaker = registry.get('api', 'a.test');

    expect(inspect(breaker)).toMatch(/name: 'api',\s+key: 'a.test',\s+state: 'closed'/);
    expect(inspect(new Breaker({ name: 'api' }))).not.toContain('key');
  });
});
