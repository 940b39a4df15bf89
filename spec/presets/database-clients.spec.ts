import { BreakerRegistry, withPolicies } from '../../lib';
import { presets } from '../../lib/presets';
import { databaseVerdict } from '../../lib/presets/database';
import { capturedClients, capturedErrors, revive } from '../support/captured-errors';
import { MEANING, rightVerdict } from '../support/database-scenarios';
import { TimerClock } from '../support/timer-clock';

async function attempts(error: unknown, idempotent: boolean): Promise<{ attempts: number; counted: string }> {
  const clock = new TimerClock();
  let runs = 0;
  const call = withPolicies(
    async () => {
      runs++;
      throw error;
    },
    { name: 'query', clock, registry: new BreakerRegistry(), ...presets.database(idempotent ? { retry: { idempotent } } : {}) },
  );
  await clock.until(call()).catch(() => undefined);
  const { failures, successes, ignored } = call.breaker!.stats;
  return { attempts: runs, counted: failures > 0 ? 'failure' : successes > 0 ? 'success' : ignored > 0 ? 'ignored' : 'nothing' };
}

/** Captured from the real clients against real servers: see `spec/clients`. */
describe.each(capturedClients())('rule 48: presets.database knows what %s throws', (client) => {
  it.each(Object.entries(capturedErrors(client)))('%s', async (scenario, shape) => {
    const error = revive(shape);
    const right = rightVerdict(client, scenario)!;
    const byDefault = await attempts(error, false);
    const idempotent = await attempts(error, true);

    expect({ ...byDefault, idempotentAttempts: idempotent.attempts }).toEqual(MEANING[right]);
    // What nobody knows is `undefined`, and means the same.
    expect(databaseVerdict(error) ?? 'unwell').toBe(right);
  });
});
