import { copyOptions } from '../core/options';
import type { BreakerOptions } from '../breaker/options';
import type { Layer } from './layer';
import type { Level } from './operation';

/** What one call of `configure`, or an entry of a layer, said. */
export interface Rule {
  readonly pattern: string;
  readonly isExact: boolean;
  readonly options: BreakerOptions;
  /** In whose words it was said, for people. */
  readonly source: string;
  /** The layer that it is part of, and goes with. */
  readonly layer: Layer | undefined;
  /** The call it is from: what is left of a rule, when a later one says part of it again, is that call's still. */
  readonly origin: symbol;
}

/** What the operator configured, by pattern of operation names: later rules over earlier ones, exact names over patterns. */
export class Patterns {
  #rules: readonly Rule[] = [];
  #layers: readonly Layer[] = [];

  static #of(rules: readonly Rule[], layers: readonly Layer[]): Patterns {
    const patterns = new Patterns();
    patterns.#rules = rules;
    patterns.#layers = layers;
    return patterns;
  }

  /** The same rules and one more; these stay as they are. */
  with(pattern: string, options: BreakerOptions): Patterns {
    // What a later rule of the same pattern says again need not be kept, of a layer neither: what covers it stays.
    const kept = this.#rules.flatMap((rule) => (rule.pattern === pattern ? without(rule, options) : [rule]));
    return Patterns.#of([...kept, ruleOf(pattern, options, `registry.configure('${pattern}')`)], this.#layers);
  }

  /** The same and a layer. Nothing is dropped: what it covers is in force again when it is taken back. */
  withLayer(layer: Layer): Patterns {
    const added = layer.operations.map(([pattern, options]) => ruleOf(pattern, options, `${layer.subject} operations.${pattern}`, layer));
    return Patterns.#of([...this.#rules, ...added], [...this.#layers, layer]);
  }

  withoutLayer(layer: Layer): Patterns {
    return Patterns.#of(this.#rules.filter((rule) => rule.layer !== layer), this.#layers.filter((other) => other !== layer));
  }

  /** The rules for a name, the weakest first; of one layer, or all. */
  rulesFor(name: string, layer?: Layer): Rule[] {
    const matching = this.#rules.filter((rule) => matches(rule.pattern, name) && (layer === undefined || rule.layer === layer));
    return [...matching.filter((rule) => !rule.isExact), ...matching.filter((rule) => rule.isExact)];
  }

  /** The defaults of layers, the weakest first. */
  get defaults(): Level[] {
    return this.#layers.flatMap(({ subject, defaults }) => (defaults === undefined ? [] : [{ source: `${subject} defaults`, options: defaults }]));
  }
}

function ruleOf(pattern: string, options: BreakerOptions, source: string, layer?: Layer): Rule {
  return { pattern, isExact: !pattern.includes('*'), options: copyOptions(options), source, layer, origin: Symbol(pattern) };
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
  const left = Object.entries(rule.options).filter(([name]) => !(name in options));
  return left.length === 0 ? [] : [{ ...rule, options: Object.fromEntries(left) }];
}
