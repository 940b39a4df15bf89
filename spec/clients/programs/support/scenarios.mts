import { BreakerRegistry, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import { shapeOf } from './shape.mts';

/** What fails in a scenario; it must reject. */
export type Scenario = () => Promise<unknown>;

/** Runs each scenario, and writes for each what it failed with and what `presets.database()` makes of that. */
export async function report(scenarios: Record<string, Scenario>): Promise<void> {
  const entries: Record<string, unknown> = {};
  for (const [name, scenario] of Object.entries(scenarios)) entries[name] = await outcomeOf(scenario);
  // Pools and sockets of clients whose server is gone would keep the process.
  process.stdout.write(`${JSON.stringify(entries)}\n`, () => process.exit());
}

async function outcomeOf(scenario: Scenario): Promise<unknown> {
  try {
    await scenario();
  } catch (error) {
    return { error: shapeOf(error), judged: await judged(error) };
  }
  throw new Error(`did not fail: ${scenario.toString()}`);
}

/** How often the preset runs what fails so, and what the first attempt counts for in the circuit. */
export async function judged(error: unknown): Promise<object> {
  const byDefault = await attempt(error, false);
  const idempotent = await attempt(error, true);
  return { attempts: byDefault.attempts, idempotentAttempts: idempotent.attempts, counted: byDefault.counted };
}

async function attempt(error: unknown, idempotent: boolean): Promise<{ attempts: number; counted: string }> {
  let attempts = 0;
  const call = withPolicies(
    async () => {
      attempts++;
      throw error;
    },
    { name: 'scenario', registry: new BreakerRegistry(), ...presets.database({ retry: { baseDelay: 0, ...(idempotent && { idempotent }) } }) },
  );
  await call().catch(() => undefined);
  const { failures, successes, ignored } = call.breaker!.stats;
  return { attempts, counted: failures > 0 ? 'failure' : successes > 0 ? 'success' : ignored > 0 ? 'ignored' : 'nothing' };
}
