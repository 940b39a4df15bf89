/** A worker whose breakers are as its argument says, and whose metrics its primary may ask for. */
import '../../../../scripts/support/dev';
import { AggregatorRegistry, register } from 'prom-client';
import { registry, RetryBudget, withPolicies } from '../../../../lib';
import { prometheusMetrics } from '../../../../lib/adapters/prometheus';

prometheusMetrics(registry);
// Answers the primary, for the default register.
new AggregatorRegistry();

/** How its circuit is at the end. */
export type Ending = 'open' | 'closed';

const [kind] = process.argv.slice(2) as [Ending];
const spent = kind === 'open' ? 8 : 1;

async function work(): Promise<void> {
  const budget = new RetryBudget({ quota: 10 });
  const call = withPolicies(
    async (works: boolean) => {
      if (!works) throw new Error('down');
    },
    { name: 'db', retry: { maxAttempts: 1, budget }, breaker: { window: { type: 'count', size: 4, failureRate: 0.5 }, recoveryTimeout: '30s' } },
  );
  for (const works of [true, kind !== 'open', true, kind !== 'open']) await call(works).catch(() => undefined);
  await call(true).catch(() => undefined);
  for (let n = 0; n < spent; n++) budget.withdraw(undefined);

  const report = withPolicies(() => new Promise<void>(() => {}), { name: 'report', bulkhead: { maxConcurrent: 2, maxQueue: 5 } });
  for (let n = 0; n < (kind === 'open' ? 5 : 1); n++) void report();
}

void work().then(async () => process.send!({ ready: (await register.getMetricsAsJSON()).length }));
