import { BreakerRegistry, OperationTimeoutError, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { reactions, TimerClock } from '../support/timer-clock';

const ignore = OperationTimeoutError;
const SLOW = 50;

/** Calls that never end, and whose timeout ends them after 5 ms. */
function timedOut(policies: PolicyOptions) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock, random: () => 0 });
  const fn = jest.fn(async () => new Promise<never>(() => {}));
  const call = withPolicies(fn, { name: 'slow', registry, timeout: 5, ...policies });
  const codes: unknown[] = [];
  const once = async (): Promise<void> => {
    await clock.until(call().then((value) => codes.push(value), (error: unknown) => codes.push((error as OperationTimeoutError).code)));
  };
  return { clock, registry, fn, call, once, codes };
}

describe('rule 2: ignore reaches the timeout of its own pipeline', () => {
  it('in a breaker, on either side of the timeout', async () => {
    const { call, once, codes } = timedOut({ breaker: { failureThreshold: 1, ignore } });
    await once();
    expect([codes, call.breaker!.state, call.breaker!.stats.ignored]).toEqual([['BREAKER_TIMEOUT'], 'closed', 1]);
  });

  it('in a throttle: no call is held back', async () => {
    const { once, codes } = timedOut({ throttle: { ignore } });
    for (let n = 0; n < 5; n++) await once();
    expect(codes).toEqual(Array(5).fill('BREAKER_TIMEOUT'));
  });

  it('in an adaptive bulkhead: its limit stays', async () => {
    const { once, registry } = timedOut({ bulkhead: { maxConcurrent: 20, adaptive: { algorithm: 'aimd', ignore } } });
    const limits: number[] = [];
    registry.on('limit', ({ to }) => limits.push(to));
    await once();
    expect(limits).toEqual([]);
  });

  it('in a retry and a fallback, and in the time limit of an attempt', async () => {
    const retried = timedOut({ retry: { baseDelay: 0, ignore } });
    await retried.once();
    expect(retried.fn).toHaveBeenCalledTimes(1);
    const limited = timedOut({ retry: { baseDelay: 0, ignore, attemptTimeout: 5 }, timeout: 500 });
    await limited.once();
    expect(limited.fn).toHaveBeenCalledTimes(1);
    const answered = timedOut({ fallback: { use: () => 'instead', ignore } });
    await answered.once();
    expect(answered.codes).toEqual(['BREAKER_TIMEOUT']);
  });

  it('in a hedge: no run starts for it', async () => {
    const { clock, call, fn } = timedOut({ hedge: { delay: SLOW, idempotent: true, ignore } });
    call().catch(() => undefined);
    await clock.advance(SLOW - 1);
    await reactions();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('but the presets, which ignore the caller’s mistakes, still count it', async () => {
    for (const preset of [presets.http, presets.database, presets.llm]) {
      const { call, once } = timedOut(preset({ retry: { maxAttempts: 1 }, timeout: 5 }));
      await once();
      expect(call.breaker!.stats.failures).toBe(1);
    }
  });
});
