import { choice, isRecord, when, type Check } from '../core/check';
import { budgetSchema, type ResolvedBudgetOptions } from './budget-options';
import { isRetryBudget, type RetryBudget } from './retry-budget';

const notABudget = /* @__PURE__ */ when<never>(() => false, __DEV__ && "must be a RetryBudget, or an object of options, such as { group: '...' }");

/** A budget as a policy's option: one that is there, or what it is to be. */
export const budgetOption = () =>
  choice((given): Check<RetryBudget | ResolvedBudgetOptions> => {
    if (isRetryBudget(given)) return when<RetryBudget>(isRetryBudget, false);
    return isRecord(given) ? budgetSchema : notABudget;
  });
