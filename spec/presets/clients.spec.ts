import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { fixturesOf, revived } from '../clients/support/fixtures';
import { CLIENTS, rightWhenPlain, WITH_PRESET, type Right, type Verdict } from '../clients/support/right-values';
import { TimerClock } from '../support/timer-clock';

const retry = { maxAttempts: 3, jitter: false, idempotent: true } as const;

/** A call that fails with an error three times, or as often as it is tried. */
async function run(error: unknown, policies: PolicyOptions): Promise<Right & { waits: number[]; error: unknown }> {
  const clock = new TimerClock();
  const registry = new BreakerRegistry();
  const waits: number[] = [];
  registry.on('retry', ({ delay }) => waits.push(delay));
  const fn = jest.fn(async () => { throw error; });
  const call = withPolicies(fn, { ...policies, name: 'call', clock, registry });
  const thrown: unknown = await clock.until(call().catch((given: unknown) => given));
  const { failures, ignored } = call.breaker!.stats;
  return { runs: fn.mock.calls.length, failures, ignored, waits, error: thrown };
}

// Rules 40, 41, 45, 46, 48. The errors are those of real clients, which `npm run test:clients` compares them with.
describe.each(Object.entries(CLIENTS))('errors of %s', (client, { preset, situations }) => {
  const errors = fixturesOf(client);

  it('are known of every situation', () => {
    expect(Object.keys(errors).sort()).toEqual(Object.keys(situations).sort());
  });

  it.each(Object.entries(situations))('%s: %j', async (situation, expected) => {
    const [verdict, askedMs] = typeof expected === 'string' ? [expected] : (expected as [Verdict, number]);
    const error = revived(errors[situation]!);
    const withPreset = await run(error, presets[preset]({ retry }));
    const plain = await run(error, { retry, breaker: { failureThreshold: 100 } });
    const waits = askedMs === undefined ? expect.any(Array) : [askedMs, askedMs];
    expect(withPreset).toEqual({ ...WITH_PRESET[verdict], waits, error });
    expect(plain).toEqual({ ...rightWhenPlain(verdict), waits, error });
  });
});
