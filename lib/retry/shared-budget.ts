import { nothing } from '../core/call-safely';
import { choice, isRecord, mapped, when } from '../core/check';
import { ConfigurationError } from '../core/errors';
import { resolve } from '../core/options';
import { budgetSchema, numbersOf, RetryBudget, type BudgetNumbers, type ResolvedBudgetOptions, type RetryBudgetOptions } from './budget';
import { BUDGET, isBudgetSource, type BudgetContext, type RetryBudgetSource } from './budget-source';

/**
 * A budget for retries and hedges, by its options: `withRetry(fn, { budget: retryBudget({ ratio: 0.1 }) })`. It is one budget in each registry,
 * and goes by that one's clock; with a `group`, it is one for all that name the group. Operations that are given the same object share it.
 *
 * @throws {@link ConfigurationError} that names every problem of the options.
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudgetSource & RetryBudgetOptions {
  resolve(budgetSchema, options, 'retryBudget');
  return new SharedBudget(options);
}

/** It has its options as well, so that they can be read, and printed. */
class SharedBudget implements RetryBudgetSource {
  constructor(options: RetryBudgetOptions) {
    Object.assign(this, options);
  }

  get #resolved(): ResolvedBudgetOptions {
    return resolve(budgetSchema, { ...this }, 'retryBudget');
  }

  join({ operation, registry }: Pick<BudgetContext, 'operation' | 'registry'>): () => void {
    const options = this.#resolved;
    const { group: name } = options;
    if (name === undefined) return nothing;
    const known = groups.get(registry.states)?.get(name);
    if (known !== undefined) mustAgree(known, options);
    // The group alone gives it no numbers: another operation may.
    const givesNumbers = Object.values(statedNumbers(options)).some((number) => number !== undefined);
    return givesNumbers ? () => void groupOf(options, name, { operation, registry }) : nothing;
  }

  [BUDGET](context: BudgetContext): RetryBudget {
    const options = this.#resolved;
    const make = (chosen: ResolvedBudgetOptions): RetryBudget => new RetryBudget({ clock: context.clock, ...chosen });
    if (options.group !== undefined) return groupedBudget(options, options.group, context, make);
    const { states } = context.registry;
    const budget = (states.get(this) as RetryBudget | undefined) ?? make(options);
    states.set(this, budget);
    return budget;
  }
}

/** Options in which a budget may be given by its options. */
export type WithPlainBudget<O> = Omit<O, 'budget'> & {
  /** Bounds the runs beside the first: by its options, a `RetryBudget`, or what `retryBudget` returns. @defaultValue none */
  budget?: RetryBudgetSource | RetryBudgetOptions | undefined;
};

/** For objects that are plain data, as those of `withPolicies` and of JSON: a budget, or its options. */
export const plainBudget = () => {
  const allowed = __DEV__ && "must be a RetryBudget, or an object of options, such as { group: '...' }";
  const [source, plain] = [when<RetryBudgetSource>(isBudgetSource, allowed), mapped(budgetSchema, (options): RetryBudgetSource => new SharedBudget(options))];
  return choice((given) => (isRecord(given) && !isBudgetSource(given) ? plain : source));
};

interface Group {
  /** Who gave the numbers. */
  readonly operation: string;
  /** Made at the first call. */
  budget?: RetryBudget;
  readonly options: ResolvedBudgetOptions;
  readonly numbers: BudgetNumbers;
}

/** By the states of a registry: a registry of one's own keeps tests and tenants apart, and their clocks. */
const groups = /* @__PURE__ */ new WeakMap<object, Map<string, Group>>();

function groupedBudget(options: ResolvedBudgetOptions, name: string, context: BudgetContext, make: (chosen: ResolvedBudgetOptions) => RetryBudget): RetryBudget {
  const group = groupOf(options, name, context);
  mustAgree(group, options);
  return (group.budget ??= make(group.options));
}

function groupOf(options: ResolvedBudgetOptions, name: string, { operation, registry }: Pick<BudgetContext, 'operation' | 'registry'>): Group {
  const known = groups.get(registry.states) ?? new Map<string, Group>();
  groups.set(registry.states, known);
  const group = known.get(name) ?? { operation, options, numbers: numbersOf(options) };
  known.set(name, group);
  return group;
}

/**
 * A group without numbers says which budget is meant, and agrees with any.
 *
 * @throws {@link ConfigurationError} when another operation gave the group other numbers.
 */
function mustAgree({ operation, numbers }: Group, options: ResolvedBudgetOptions): void {
  const own: Readonly<Record<string, number>> = { ...numbers };
  const all = Object.entries(own).map((option) => option.join(' ')).join(', ');
  const issues = Object.entries(statedNumbers(options))
    .filter(([option, number]) => number !== undefined && own[option] !== number)
    .map(([option, received]) => ({
      path: `budget.${option}`,
      message: __DEV__
        ? `the group '${String(options.group)}' has ${all}, which ${operation} gave it; give all operations the same numbers, or all but the first the group alone`
        : 'invalid',
      received,
    }));
  if (issues.length > 0) throw new ConfigurationError(`retry budget '${String(options.group)}'`, issues);
}

/** Undefined where they are left to the defaults. */
function statedNumbers({ ratio, minPerSecond, ttl, quota }: ResolvedBudgetOptions): Readonly<Record<string, number | undefined>> {
  return { ratio, minPerSecond, ttl, quota };
}
