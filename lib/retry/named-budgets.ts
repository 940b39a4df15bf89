import type { Clock } from '../core/clock';
import { placeOf } from '../core/policy-state';
import { warnOnce } from '../core/warn';
import { numbersOf, type BudgetNumbers, type ResolvedBudgetOptions } from './budget-options';
import { isRetryBudget, RetryBudget } from './retry-budget';

interface NamedBudget {
  readonly budget: RetryBudget;
  readonly numbers: BudgetNumbers;
}

/** By registry: a registry of one's own keeps tests and tenants apart, and their clocks. */
const named = new WeakMap<object, Map<string, NamedBudget>>();

/** The budget that an option stands for, in a registry. */
export function toBudget(given: RetryBudget | ResolvedBudgetOptions, clock: Clock, registry: object): RetryBudget {
  if (isRetryBudget(given)) return given;
  const make = (): RetryBudget => new RetryBudget({ clock, ...given });
  if (given.name === undefined) return make();
  const place = placeOf(registry);
  const budgets = named.get(place) ?? new Map<string, NamedBudget>();
  named.set(place, budgets);
  const known = budgets.get(given.name) ?? { budget: make(), numbers: numbersOf(given) };
  budgets.set(given.name, known);
  tellDisagreement(given.name, known, given);
  return known.budget;
}

/** A name without numbers says which budget is meant, and agrees with any. */
function tellDisagreement(name: string, { budget, numbers }: NamedBudget, { ratio, minPerSecond, ttl, quota }: ResolvedBudgetOptions): void {
  const own: Readonly<Record<string, number>> = { ...numbers };
  const asked = Object.entries({ ratio, minPerSecond, ttl, quota }).filter(([, number]) => number !== undefined);
  if (asked.every(([option, number]) => own[option] === number)) return;
  warnOnce(
    budget,
    'BREAKER_BOX_BUDGET_CONFLICT',
    `the retry budget '${name}' has ${list(Object.entries(own))}; another operation gives it ${list(asked)}, which changes nothing: ` +
      'give all operations the same numbers, or all but the first the name alone',
  );
}

function list(options: readonly (readonly [string, number | undefined])[]): string {
  return options.map(([option, number]) => `${option} ${String(number)}`).join(', ');
}
