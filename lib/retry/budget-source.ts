import { nothing } from '../core/call-safely';
import { when } from '../core/check';
import type { LayerContext } from '../core/policy';
import { sharedKey } from '../core/shared';
import { propertyOf } from '../core/safe-inspect';
import type { RetryBudget } from './budget';

// What a retry and a hedge know of budgets: a budget itself comes with who imports it.

/** What gives a budget, also one of another copy of the package. */
export const BUDGET: unique symbol = /* @__PURE__ */ sharedKey('retry-budget') as never;

/** Where a budget is used: `clock` is what it goes by unless it has one of its own. */
export type BudgetContext = Pick<LayerContext, 'operation' | 'registry' | 'clock'>;

/** The option `budget` of a retry or a hedge: a `RetryBudget`, or what `retryBudget` returns. */
export interface RetryBudgetSource {
  /** The budget for an operation of a registry. */
  [BUDGET](context: BudgetContext): RetryBudget;
  /** See `PolicyKind.join`. Absent: it has no group. */
  readonly join?: JoinGroup;
}

type JoinGroup = (context: Pick<LayerContext, 'operation' | 'registry'>) => () => void;

/** Lets the operation of a retry or a hedge join the group of its budget. */
export function joinBudget({ budget }: { readonly budget?: RetryBudgetSource | undefined }, context: Parameters<JoinGroup>[0]): () => void {
  return budget?.join?.(context) ?? nothing;
}

export const isBudgetSource = (given: unknown): boolean => typeof propertyOf(given, BUDGET) === 'function';

export const budgetOption = () =>
  when<RetryBudgetSource>(isBudgetSource, __DEV__ && 'must be a RetryBudget; for one by its options, give retryBudget({ ... })');
