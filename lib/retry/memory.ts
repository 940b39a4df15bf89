import { AdaptiveBackoff } from './adaptive-backoff';
import { toBudget } from './named-budgets';
import type { RetryBudget } from './retry-budget';
import { systemClock } from '../core/clock';
import { stateOf } from '../core/policy-state';
import type { ResolvedRetryOptions } from './options';

/** What a retry keeps from call to call. */
export interface RetryMemory {
  /** The policy whose memory it is, in all registries. */
  readonly policy: object;
  readonly adaptive: AdaptiveBackoff | undefined;
  readonly budget: RetryBudget | undefined;
}

/** The memory of a policy in a registry. */
export function memoryOf(policy: ResolvedRetryOptions, registry: object, clock: ResolvedRetryOptions['clock']): RetryMemory {
  const { backoff, budget } = policy;
  return stateOf(policy, registry, () => ({
    policy,
    adaptive: backoff === 'adaptive' ? new AdaptiveBackoff() : undefined,
    budget: budget && toBudget(budget, policy.clock ?? clock ?? systemClock, registry),
  }));
}
