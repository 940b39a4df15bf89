import type { Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import type { PolicyHome } from '../core/policy';
import { numbersOf, type BudgetNumbers, type ResolvedBudgetOptions } from './budget-options';
import { isRetryBudget, RetryBudget } from './retry-budget';

interface Group {
  /** Who gave the numbers. */
  readonly operation: string;
  readonly budget: RetryBudget;
  readonly numbers: BudgetNumbers;
}

/** By the states of a registry: a registry of one's own keeps tests and tenants apart, and their clocks. */
const groups = new WeakMap<object, Map<string, Group>>();

/**
 * The budget that an option stands for, in a registry.
 *
 * @throws {@link ConfigurationError} when another operation gave the group other numbers.
 */
export function toBudget(given: RetryBudget | ResolvedBudgetOptions, clock: Clock, { states }: PolicyHome, operation = 'another operation'): RetryBudget {
  if (isRetryBudget(given)) return given;
  const make = (): RetryBudget => new RetryBudget({ clock, ...given });
  if (given.group === undefined) return make();
  const known = groups.get(states) ?? new Map<string, Group>();
  groups.set(states, known);
  const group = known.get(given.group) ?? { operation, budget: make(), numbers: numbersOf(given) };
  known.set(given.group, group);
  mustAgree(group, given);
  return group.budget;
}

/** A group without numbers says which budget is meant, and agrees with any. */
function mustAgree({ operation, numbers }: Group, { group, ratio, minPerSecond, ttl, quota }: ResolvedBudgetOptions): void {
  const own: Readonly<Record<string, number>> = { ...numbers };
  const all = Object.entries(own).map((option) => option.join(' ')).join(', ');
  const issues = Object.entries({ ratio, minPerSecond, ttl, quota })
    .filter(([option, number]) => number !== undefined && own[option] !== number)
    .map(([option, received]) => ({
      path: `budget.${option}`,
      message: __DEV__
        ? `the group '${String(group)}' has ${all}, which ${operation} gave it; give all operations the same numbers, or all but the first the group alone`
        : 'invalid',
      received,
    }));
  if (issues.length > 0) throw new ConfigurationError(`retry budget '${String(group)}'`, issues);
}
