import { BreakerRegistry, withPolicies, type BulkheadOptions } from '../../lib';

const protect = (bulkhead: unknown) => withPolicies(async () => 'it', { bulkhead: bulkhead as BulkheadOptions, registry: new BreakerRegistry() });

const aimd = (options: object) => ({ maxConcurrent: 9, adaptive: { algorithm: 'aimd', ...options } });
const algorithms = "must be 'aimd', 'gradient', or { algorithm: 'aimd' or 'gradient', ... }";

describe('what a bulkhead says of bad input', () => {
  it.each<[unknown, string]>([
    [null, 'bulkhead: must be a number of calls, or an object of options; received null'],
    [{ maxConcurrent: 2, maxWait: '1s' }, "bulkhead.maxWait: no call waits without a queue: give maxQueue; received '1s'"],
    [{ maxConcurrent: 2, adaptive: 'vegas' }, `bulkhead.adaptive: ${algorithms}; received 'vegas'`],
    [{ maxConcurrent: 2, adaptive: { algorithm: 'vegas' } }, `bulkhead.adaptive: ${algorithms}; received {"algorithm":"vegas"}`],
    [aimd({ backoffRatio: 1 }), 'bulkhead.adaptive.backoffRatio: must be a share >= 0.5 and < 1; received 1'],
    [aimd({ backoffRatio: '0.9' }), "bulkhead.adaptive.backoffRatio: must be a share >= 0.5 and < 1; received '0.9'"],
    [aimd({ initialLimit: 10 }), 'bulkhead.adaptive.initialLimit: must not be above maxConcurrent (9); received 10'],
    [aimd({ minLimit: 10 }), 'bulkhead.adaptive.minLimit: must not be above maxConcurrent (9); received 10'],
    [aimd({ minLimit: 5, initialLimit: 4 }), 'bulkhead.adaptive.initialLimit: must not be below minLimit (5); received 4'],
  ])('%j: what is allowed, and what was given', (given, message) => {
    expect(() => protect(given)).toThrow(message);
  });

  it('takes the bounds themselves', () => {
    expect(() => protect(aimd({ backoffRatio: 0.5, initialLimit: 9, minLimit: 9 }))).not.toThrow();
    expect(() => protect(aimd({ initialLimit: 4, minLimit: 4 }))).not.toThrow();
  });
});
