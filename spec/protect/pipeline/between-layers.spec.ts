import {
  BreakerRegistry, bulkhead, cache, chaos, circuitBreaker, fallback, hedge, rateLimit, retry, throttle, timeout, withPolicies,
  withRegistry, type Policy,
} from '../../../lib';
import { FINDING_CODES as allow } from '../../../lib/core/lint-rule';
import { fails, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
});

/** Policies that let calls through as they are, as long as nothing is wrong. */
const POLICIES: [string, () => Policy][] = [
  ['timeout', () => timeout('1s')],
  ['timeout that waits for the function', () => timeout({ duration: '1s', mode: 'cooperative' })],
  ['bulkhead', () => bulkhead(5)],
  ['adaptive bulkhead', () => bulkhead({ maxConcurrent: 5, adaptive: 'gradient' })],
  ['rateLimit', () => rateLimit({ limit: 9, interval: '1s' })],
  ['throttle', () => throttle({ maxRejection: 0 })],
  ['hedge', () => hedge({ delay: '1s', idempotent: true })],
  ['hedge that still measures', () => hedge({ delay: { quantile: 0.9 }, idempotent: true })],
  ['hedge of what may not run twice', () => hedge({ delay: '1s', idempotent: () => false })],
  ['retry of one attempt', () => retry({ maxAttempts: 1 })],
  ['retry of one attempt that looks at results', () => retry({ maxAttempts: 1, handleResult: () => false })],
  ['cache', () => cache('1s')],
  ['cache that shares no runs', () => cache({ ttl: '1s', coalesce: false })],
  ['chaos that does nothing', () => chaos({ enabled: () => false, result: 'wrong' })],
  ['fallback that is not asked', () => fallback({ use: () => 'wrong', handle: RangeError })],
];


describe.each(POLICIES)('%s', (_name, policy) => {
  const down = new Error('down');
  const stacks: [string, () => Policy[]][] = [
    ['alone', () => [policy()]],
    ['outside a breaker', () => [policy(), circuitBreaker({ allow })]],
    ['inside a breaker', () => [circuitBreaker({ allow }), policy()]],
    ['between a fallback and a breaker', () => [fallback({ use: () => 'wrong', handle: RangeError }), policy(), circuitBreaker({ allow })]],
    ['between two timeouts', () => [timeout({ duration: '2s', allow }), policy(), timeout('500ms')]],
  ];

  it.each(stacks)('gives what the function gives, %s', async (_where, stack) => {
    await withRegistry(registry, async () => {
      const wrapped = withPolicies(scripted(works('it')), stack());
      expect([await wrapped('x'), await wrapped('y')]).toEqual(['it', 'it']);
      expect(wrapped.breaker!.stats).toMatchObject({ calls: 2, successes: 2, failures: 0 });
    });
    expect(clock.armed).toBe(0);
  });

  it.each(stacks)('fails as the function fails, %s', async (_where, stack) => {
    await withRegistry(registry, async () => {
      const wrapped = withPolicies(scripted(fails(down)), stack());
      expect([await rejectionOf(wrapped('x')), await rejectionOf(wrapped('y'))]).toEqual([down, down]);
      expect(wrapped.breaker!.stats.failures).toBeGreaterThan(0);
    });
    expect(clock.armed).toBe(0);
  });
});

describe.each(POLICIES)('a retry around %s, and a circuit inside that', (_name, policy) => {
  it('knows from the circuit that no attempt would get through: it gives up at once', async () => {
    const fn = scripted(fails());
    const wrapped = withPolicies(fn, [
      retry({ registry, baseDelay: '10s', jitter: false, maxAttempts: 3, allow }), policy(), circuitBreaker({ failureThreshold: 1, allow }),
    ]);
    expect(await rejectionOf(wrapped())).toEqual(new Error('down'));
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.delays).not.toContain(10_000);
  });
});
