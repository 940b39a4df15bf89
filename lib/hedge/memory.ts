import { toBudget } from '../retry/named-budgets';
import type { RetryBudget } from '../retry/retry-budget';
import { systemClock, type Clock } from '../core/clock';
import { stateOf } from '../core/policy-state';
import { Latencies } from './latencies';
import type { ResolvedHedgeOptions } from './options';

/** What a hedge keeps from call to call. */
export interface HedgeMemory {
  /** Undefined when the delay is fixed. */
  readonly latencies: Latencies | undefined;
  readonly budget: RetryBudget | undefined;
}

/** The memory of a policy in a registry. */
export function memoryOf(policy: ResolvedHedgeOptions, registry: object, clock: Clock | undefined): HedgeMemory {
  const { delay, budget } = policy;
  return stateOf(policy, registry, () => ({
    latencies: typeof delay === 'number' ? undefined : new Latencies(delay),
    budget: budget && toBudget(budget, policy.clock ?? clock ?? systemClock, registry),
  }));
}
