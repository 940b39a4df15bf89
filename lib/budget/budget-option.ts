import * as v from 'valibot';
import { budgetSchema, type ResolvedBudgetOptions, type RetryBudgetOptions } from './budget-options';
import { RetryBudget } from './retry-budget';

/** A budget as a policy's option: one that is there, or what it is to be. */
export const budgetOption = () =>
  v.lazy((given): v.GenericSchema<RetryBudget | RetryBudgetOptions, RetryBudget | ResolvedBudgetOptions> =>
    given instanceof RetryBudget ? v.instance(RetryBudget) : budgetSchema,
  );
