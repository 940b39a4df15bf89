import { AdaptiveBackoff } from '../../backoff/adaptive';
import { systemClock } from '../../core/clock';
import { toBudget, type RetryBudget } from './budget';
import type { ResolvedRetryOptions } from './options';

/** What a retry keeps from call to call. */
export interface RetryMemory {
  readonly adaptive: AdaptiveBackoff | undefined;
  readonly budget: RetryBudget | undefined;
}

export function newMemory({ backoff, budget, clock = systemClock }: ResolvedRetryOptions): RetryMemory {
  return {
    adaptive: backoff === 'adaptive' ? new AdaptiveBackoff() : undefined,
    budget: budget && toBudget(budget, clock),
  };
}

const memories = new WeakMap<object, WeakMap<object, RetryMemory>>();

/**
 * The memory of a policy in a registry. It outlives the pipeline, which is compiled anew when the ambient registry changes or
 * the operation leaves its registry: else such a change would fill a budget that was spent.
 *
 * @param policy - The options of one applied policy, as they were resolved.
 */
export function memoryOf(policy: object, registry: object, make: () => RetryMemory): RetryMemory {
  const byRegistry = memories.get(policy) ?? new WeakMap<object, RetryMemory>();
  memories.set(policy, byRegistry);
  const memory = byRegistry.get(registry) ?? make();
  byRegistry.set(registry, memory);
  return memory;
}
