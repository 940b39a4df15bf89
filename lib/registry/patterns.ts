import { copyOptions } from '../core/options';
import type { BreakerOptions } from '../policies/circuit-breaker/options';

/** What one call of `configure` said. */
export interface Rule {
  readonly pattern: string;
  readonly isExact: boolean;
  readonly options: BreakerOptions;
  /** The call it is from: what is left of a rule, when a later one says part of it again, is that call's still. */
  readonly origin: symbol;
}

/** What the operator configured, by pattern of operation names: later rules over earlier ones, exact names over patterns. */
export class Patterns {
  #rules: Rule[] = [];

  /** The same rules and one more; these stay as they are. */
  with(pattern: string, options: BreakerOptions): Patterns {
    const next = new Patterns();
    // What a later rule of the same pattern says again need not be kept.
    const kept = this.#rules.flatMap((rule) => (rule.pattern === pattern ? without(rule, options) : [rule]));
    next.#rules = [...kept, { pattern, isExact: !pattern.includes('*'), options: copyOptions(options), origin: Symbol(pattern) }];
    return next;
  }

  /** The rules for a name, the weakest first. */
  rulesFor(name: string): Rule[] {
    const matching = this.#rules.filter(({ pattern }) => matches(pattern, name));
    return [...matching.filter((rule) => !rule.isExact), ...matching.filter((rule) => rule.isExact)];
  }
}

/** Whether a name fits a pattern, in which `*` stands for any characters, dots too. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}

function without(rule: Rule, options: BreakerOptions): Rule[] {
  if (!Object.keys(rule.options).some((name) => name in options)) return [rule];
  const left = Object.entries(rule.options).filter(([name]) => !(name in options));
  return left.length === 0 ? [] : [{ ...rule, options: Object.fromEntries(left) }];
}
