import { attemptsOf, BreakerRegistry, withPolicies, type Breaker } from '../../lib';
import { disable, shadow } from '../../lib/operate';
import { fails, rejectionOf, scripted } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

/** A call whose first failure opens the circuit, three attempts in all. @returns How many were made. */
async function attemptsUnder(lay: (breaker: Breaker) => void): Promise<number> {
  const clock = new TimerClock();
  const error = new Error('down');
  const fn = scripted(fails(error));
  const call = withPolicies(fn, {
    name: 'users.fetch',
    breaker: { failureThreshold: 1 },
    retry: { maxAttempts: 3, baseDelay: 10, jitter: false },
    clock,
    registry: new BreakerRegistry(),
  });
  lay(call.breaker as Breaker);
  expect(await rejectionOf(clock.until(call()))).toBe(error);
  expect(attemptsOf(error)).toBe(fn.mock.calls.length);
  return fn.mock.calls.length;
}

describe('a retry under an override of its circuit', () => {
  it('goes on while an open circuit is only shadowed: its attempts are admitted', async () => {
    expect(await attemptsUnder((breaker) => { shadow(breaker); })).toBe(3);
  });

  it('goes on while the circuit is disabled', async () => {
    expect(await attemptsUnder((breaker) => { disable(breaker); })).toBe(3);
  });

  it('stops when the shadow has ended before the next attempt', async () => {
    expect(await attemptsUnder((breaker) => { shadow(breaker, { for: 1 }); })).toBe(1);
  });

  it('stops at the open circuit without one', async () => {
    expect(await attemptsUnder(() => undefined)).toBe(1);
  });
});
