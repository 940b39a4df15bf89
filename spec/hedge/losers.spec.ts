import { BreakerRegistry, currentCall, withPolicies } from '../../lib';
import { TimerClock } from '../support/timer-clock';

describe('a run that another one was faster than', () => {
  it('is aborted, and told why', async () => {
    const clock = new TimerClock();
    const reasons: unknown[] = [];
    const call = withPolicies(async () => {
      const { signal } = currentCall()!;
      signal!.addEventListener('abort', () => { reasons.push(signal!.reason); });
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
      return 'it';
    }, { name: 'op', registry: new BreakerRegistry({ clock }), hedge: { delay: 10, idempotent: true } });

    expect(await clock.until(call())).toBe('it');

    expect(reasons).toEqual([expect.objectContaining({ name: 'AbortError', message: 'Another run of op was faster' })]);
  });
});
