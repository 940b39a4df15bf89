import {
  BreakerRegistry, CircuitBreaker, ConfigurationError, describePipeline, Resilient, Retry, retry, timeout, withPolicies, withRegistry, withRetry,
} from '../../../lib';
import { configure } from '../../../lib/operate';
import { ManualClock } from '../../support/manual-clock';

class HttpError extends Error {}

async function charge(order: string): Promise<string> {
  return order;
}

const queueForLater = (_error: unknown, order: string): string => order;

describe('describePipeline', () => {
  it('tells the operation, and each policy with its options and where they come from, outermost first', () => {
    const registry = new BreakerRegistry({ defaults: { recoveryTimeout: '30s', failureThreshold: 7, maxKeys: 5 }, random: () => 0.5 });
    configure(registry, 'payments.*', { halfOpen: { maxCalls: 3 }, maxKeys: 10 });
    configure(registry, 'payments.charge', { maxKeys: 20 });
    const protectedCharge = withPolicies(charge, {
      name: 'payments.charge', registry, clock: new ManualClock(), allow: ['BREAKER_BOX_RETRIES_MULTIPLY'],
      timeout: '2s', breaker: { failureThreshold: 3, allow: [] }, retry: { maxAttempts: 4, handle: [TypeError, HttpError], jitter: 0.2 },
      fallback: queueForLater,
    });
    configure(protectedCharge.breaker!, { idleKeys: '1m' });

    expect(describePipeline(protectedCharge)).toBe(`payments.charge
  1. fallback
       clock: ManualClock (top level)
       allow: ['BREAKER_BOX_RETRIES_MULTIPLY'] (top level)
       use: function queueForLater (site)
       random: function random (registry)
  2. retry
       clock: ManualClock (top level)
       allow: ['BREAKER_BOX_RETRIES_MULTIPLY'] (top level)
       maxAttempts: 4 (site)
       baseDelay: 1000 (default)
       maxDelay: 300000 (default)
       exponentialBase: 2 (default)
       backoff: 'exponential' (default)
       jitter: 0.2 (site)
       handle: [function TypeError, class HttpError] (site)
       idempotent: true (default)
       respectRetryAfter: true (default)
       waitForCircuit: false (default)
       nested: 'allow' (default)
       random: function random (registry)
  3. breaker
       clock: ManualClock (top level)
       random: function random (registry)
       allow: [] (site)
       failureThreshold: 3 (site)
       recoveryTimeout: 30000 (registry defaults)
       halfOpen: { maxCalls: 3 } (configure('payments.*'))
       maxKeys: 20 (configure('payments.charge'))
       idleKeys: 60000 (configure(breaker))
       scope: 'class' (default)
       rejectionStacks: false (default)
  4. timeout
       clock: ManualClock (top level)
       allow: ['BREAKER_BOX_RETRIES_MULTIPLY'] (top level)
       duration: 2000 (site)
       mode: 'abandon' (default)
       random: function random (registry)`);
  });

  it('tells of a plain object with methods no more than that it is one', () => {
    const clock = { ...new ManualClock(), now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined };
    expect(describePipeline(withPolicies(charge, [timeout({ duration: '2s', clock, registry: new BreakerRegistry() })]))).toContain('clock: object (site)');
  });

  it('tells what is in force now', () => {
    const registry = new BreakerRegistry();
    const wrapped = withPolicies(charge, { name: 'a', registry, breaker: {} });
    expect(describePipeline(wrapped)).toContain('failureThreshold: 5 (default)');
    configure(registry, 'a', { failureThreshold: 9 });
    expect(describePipeline(wrapped)).toContain(`failureThreshold: 9 (configure('a'))`);
    expect(withRegistry(new BreakerRegistry({ defaults: { failureThreshold: 2 } }), () => describePipeline(wrapped))).toContain('failureThreshold: 9');
  });

  it('tells it of the ambient registry, where the site names none', () => {
    const wrapped = withPolicies(charge, { name: 'described', breaker: { maxKeys: 3 } });
    const text = withRegistry(new BreakerRegistry({ defaults: { failureThreshold: 2, maxKeys: 4 } }), () => describePipeline(wrapped));
    expect(text).toContain('failureThreshold: 2 (registry defaults)');
    expect(text).toContain('maxKeys: 3 (site)');
    expect(describePipeline(wrapped)).toContain('failureThreshold: 5 (default)');
  });

  it('tells the source of a short form as the site, and the order of a list as it was written', () => {
    const text = describePipeline(withPolicies(charge, [timeout('1m'), retry({ registry: new BreakerRegistry(), maxAttempts: 2 })]));
    expect(text.split('\n').filter((line) => /^\S|^  \d/.test(line))).toEqual(['charge', '  1. timeout', '  2. retry']);
    expect(text).toContain('duration: 60000 (site)');
  });

  it('tells the burst of a rate limit that is its limit', () => {
    expect(describePipeline(withPolicies(charge, { registry: new BreakerRegistry(), rateLimit: 5 }))).toContain('burst: 5 (default)');
    const told = withPolicies(charge, { registry: new BreakerRegistry(), rateLimit: { limit: 5, burst: 2 } });
    expect(describePipeline(told)).toContain('burst: 2 (site)');
  });

  it('leaves out a threshold that a window replaces, whoever said it', () => {
    const window = { type: 'count', size: 10 } as const;
    const registry = new BreakerRegistry({ defaults: { failureThreshold: 7 } });
    for (const described of [
      withPolicies(charge, { registry: new BreakerRegistry(), breaker: { window } }),
      withPolicies(charge, { registry, breaker: { window } }),
    ]) {
      expect(describePipeline(described)).toContain('window: { ');
      expect(describePipeline(described)).not.toContain('failureThreshold');
    }
  });

  it('finds decorated methods, before and after the first instance', () => {
    const registry = new BreakerRegistry();
    class Payments {
      @Retry({ maxAttempts: 2 })
      @CircuitBreaker({ registry })
      async charge(): Promise<void> {}

      @Resilient({ registry, retry: {}, random: Math.random })
      static async refund(): Promise<void> {}
    }
    expect(describePipeline(Payments.prototype, 'charge')).toMatch(/^charge\n {2}1\. retry\n[^]*maxAttempts: 2 \(site\)[^]*\n {2}2\. breaker\n/);
    new Payments();
    expect(describePipeline(Payments, 'charge')).toMatch(/^Payments\.charge\n/);
    expect(describePipeline(Payments, 'refund')).toMatch(/^Payments\.refund\n {2}1\. retry\n[^]*random: function random \(top level\)/);
  });

  it('is the same at each call, and leaves no trace', () => {
    const registry = new BreakerRegistry();
    const wrapped = withRetry(charge, { registry, backoff: () => 5, onRetry: () => undefined });
    expect(describePipeline(wrapped)).toBe(describePipeline(wrapped));
    expect(registry.names()).toEqual(['charge']);
  });

  it.each([[charge, undefined], [{}, undefined], [class Payments { async charge(): Promise<void> {} }, 'charge'], [{}, 'charge']])(
    'refuses what is not protected: %p %p',
    (target, method) => {
      expect(() => describePipeline(target, method)).toThrow(ConfigurationError);
      expect(() => describePipeline(target, method)).toThrow('only a protected function has a pipeline');
    },
  );
});

describe('the description of a pipeline with defaults', () => {
  it('has a line for each option that has a value, and no other', () => {
    const wrapped = withPolicies(async () => 'it', { name: 'op', registry: new BreakerRegistry(), breaker: { window: { type: 'count', size: 3 } }, timeout: '1s' });
    expect(describePipeline(wrapped)).toBe(`op
  1. breaker
       recoveryTimeout: 60000 (default)
       window: { type: 'count', size: 3, failureRate: 0.5 } (site)
       halfOpen: { maxCalls: 1 } (default)
       maxKeys: 1000 (default)
       idleKeys: 600000 (default)
       scope: 'class' (default)
       rejectionStacks: false (default)
  2. timeout
       duration: 1000 (site)
       mode: 'abandon' (default)`);
  });

  it('names the registry as the source of what it injects alone', () => {
    const random = (): number => 0.5;
    const injecting = new BreakerRegistry({ random, defaults: { recoveryTimeout: '5s' } });
    configure(injecting, 'op', { maxKeys: 7 });
    const wrapped = withPolicies(async () => 'it', { name: 'op', registry: injecting, timeout: { duration: '1s' } });
    expect(describePipeline(wrapped)).toBe(`op
  1. timeout
       duration: 1000 (site)
       mode: 'abandon' (default)
       random: function random (registry)`);
  });
});

describe('the clock of a policy', () => {
  it('is its own, or what the registry injects; not that of the breaker beside it', () => {
    const call = withPolicies(async () => 'it', { name: 'op', registry: new BreakerRegistry(), breaker: { clock: new ManualClock() }, timeout: '1s' });
    const [, ofTheTimeout] = describePipeline(call).split('2. timeout');
    expect(ofTheTimeout).toBe(`
       duration: 1000 (site)
       mode: 'abandon' (default)`);
  });
});
