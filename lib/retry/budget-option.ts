import * as v from 'valibot';
import { isRecord } from '../core/options';
import { budgetSchema, type ResolvedBudgetOptions, type RetryBudgetOptions } from './budget-options';
import { isRetryBudget, type RetryBudget } from './retry-budget';

const notABudget = v.custom<never>(() => false, "must be a RetryBudget, or an object of options, such as { group: '...' }");

/** A budget as a policy's option: one that is there, or what it is to be. */
export const budgetOption = () =>
  v.lazy((given): v.GenericSchema<RetryBudget | RetryBudgetOptions, RetryBudget | ResolvedBudgetOptions> => {
    if (isRetryBudget(given)) return v.custom<RetryBudget>(isRetryBudget);
    return isRecord(given) ? budgetSchema : notABudget;
  });
