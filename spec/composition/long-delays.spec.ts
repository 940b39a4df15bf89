import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../lib';
import { TimerClock } from '../support/timer-clock';

/** The longest wait a timer of the platform takes. What is longer, it fires at once. */
const LONGEST = 2 ** 31 - 1;
const DAY = 86_400_000;

/** A clock with the platform's timers. */
class PlatformClock extends TimerClock {
  override setTimeout(fire: () => void, delayMs: number): number {
    return super.setTimeout(fire, delayMs > LONGEST || Number.isNaN(delayMs) ? 1 : delayMs);
  }
}

const never = new Promise<never>(() => {});

function setUp(policies: PolicyOptions, fn: (n: number) => Promise<string> = async () => 'answer') {
  const clock = new PlatformClock();
  const run = jest.fn(fn);
  const call = withPolicies(run, { name: 'call', registry: new BreakerRegistry({ clock, random: () => 0.5 }), ...policies });
  return { clock, run, call };
}

/** Every policy that waits, with a wait of sixty days for its second run or its end. */
const WAITS: Record<string, () => ReturnType<typeof setUp>> = {
  'a retry': () => setUp({ retry: { maxAttempts: 2, baseDelay: '60d', maxDelay: '90d', jitter: false } }, () => Promise.reject(new Error('down'))),
  'a hedge': () => setUp({ hedge: { delay: '60d', idempotent: true } } as PolicyOptions, () => never),
  'a rate limit': () => setUp({ rateLimit: { limit: 1, interval: '60d', maxWait: '90d' } }),
};

describe('rule 39: delays above the longest timer of the platform', () => {
  it.each(Object.entries(WAITS))('are waited for by %s, not fired at once', async (what, make) => {
    const { clock, call, run } = make();
    if (what === 'a rate limit') await call(0);
    const answer = call(1).catch((error: Error) => error.message);
    await clock.advance(60 * DAY - 1);
    expect(run).toHaveBeenCalledTimes(1);
    expect(Math.max(...clock.delays)).toBeLessThanOrEqual(LONGEST);

    await clock.advance(1);

    expect(run).toHaveBeenCalledTimes(2);
    // A few timers in a chain, not one a millisecond.
    expect(clock.delays.length).toBeLessThan(10);
    void answer;
  });

  it.each<[string, PolicyOptions]>([
    ['a timeout', { timeout: '60d' }],
    ['the queue of a bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 1, maxWait: '60d' } }],
  ])('are the end of %s, and no sooner', async (what, policies) => {
    const { clock, call } = setUp(policies, () => never);
    const first = call(0);
    first.catch(() => undefined);
    const ended = jest.fn();
    (what === 'a timeout' ? first : call(1)).then(ended, ended);
    await clock.advance(60 * DAY - 1);
    expect(ended).not.toHaveBeenCalled();

    await clock.advance(1);

    expect(ended).toHaveBeenCalledTimes(1);
    expect(clock.delays.length).toBeLessThan(10);
  });
});
