import { ConfigurationError } from '../core/errors';
import type { CommonOptions } from '../core/options';
import { valueText } from '../core/safe-inspect';
import { REGISTRY_ITSELF, SITE, type Operation } from '../registry/operation';
import type { OptionSource } from '../registry/config';
import type { AppliedPolicy } from './policy';
import type { Pipeline } from './pipeline';
import { describe, pipelineWithin, type PolicyInfo } from './wrapper';

/** Options of the operation's name and place, which stand at the top. */
const OF_THE_OPERATION: readonly string[] = ['name', 'registry'];

/** Options that have a default, and no effect beside another one. */
const REPLACED_BY: Readonly<Record<string, string>> = { failureThreshold: 'window' };

/**
 * The pipeline of a protected function as text, for a log or a snapshot: the operation, then its policies, outermost
 * first, each with its options as they are in force now and, in parentheses, where each value comes from: the `site`, the
 * `top level` of the object that named all policies, the `registry` (clock and randomness), `registry defaults`,
 * `configure('...')`, `configure(breaker)`, or the built-in `default`. Durations are in milliseconds.
 *
 * @param target - A function, or (with `method`) a prototype or class.
 * @throws {@link ConfigurationError} when it is not protected.
 */
export function describePipeline(target: object, method?: PropertyKey): string {
  const pipeline = pipelineAt(target, method);
  if (pipeline === undefined) {
    const message = 'only a protected function has a pipeline: one that a wrapper gave back, or a decorated method';
    throw new ConfigurationError('describePipeline', [{ path: method === undefined ? '' : String(method), message, received: target }]);
  }
  const operation = pipeline.operation;
  const policies = pipeline.policies.flatMap((policy, index) => [
    `  ${index + 1}. ${policy.kind.policy}`,
    ...linesOf(policy, operation).map((line) => `       ${line}`),
  ]);
  return [pipeline.name, ...policies].join('\n');
}

/** One line for each option that has a value, and an effect. */
function linesOf(policy: AppliedPolicy, operation: Operation | undefined): string[] {
  const { resolved, levels } = inForce(policy, operation);
  const isReplaced = (name: string): boolean => (resolved as Record<string, unknown>)[REPLACED_BY[name] ?? ''] !== undefined;
  return Object.entries(resolved)
    .filter(([name, value]) => value !== undefined && !OF_THE_OPERATION.includes(name) && !isReplaced(name))
    .map(([name, value]) => `${name}: ${valueText(value)} (${sourceOf(name, policy, levels)})`);
}

/** The options of a policy as they are used, and the levels that they were made of, the weakest first. */
function inForce(policy: AppliedPolicy, operation: Operation | undefined): { resolved: object; levels: readonly OptionSource[] } {
  const site = { source: SITE, options: policy.given };
  if (operation === undefined) return { resolved: policy.options, levels: [site] };
  // The registry has options for the breaker alone.
  const { breaker, settings = breaker?.settings } = operation;
  const sources = operation.sources();
  if (policy.kind.policy === 'breaker' && settings !== undefined) {
    const local = breaker?.local;
    const levels = local === undefined ? sources : [...sources, { source: 'configure(breaker)', options: local }];
    return { resolved: (breaker?.settings ?? settings).options, levels };
  }
  const injected = sources.filter(({ source }) => source === REGISTRY_ITSELF);
  const { clock, random } = Object.assign({}, ...injected.map(({ options }) => options), policy.options) as CommonOptions;
  return { resolved: { ...policy.options, clock, random }, levels: [...injected, site] };
}

function sourceOf(name: string, policy: AppliedPolicy, levels: readonly OptionSource[]): string {
  const level = levels.filter(({ options }) => (options as Record<string, unknown>)[name] !== undefined).at(-1);
  if (level === undefined) return 'default';
  return level.source === SITE && policy.common.includes(name) ? 'top level' : level.source;
}

/**
 * The policies of a protected function, outermost first; empty when it is not protected.
 *
 * @param target - A function, or (with `method`) a prototype or class.
 */
export function getPolicies(target: object, method?: PropertyKey): readonly PolicyInfo[] {
  const pipeline = pipelineAt(target, method);
  return pipeline === undefined ? [] : describe(pipeline);
}

/** The pipeline of a function, or (with `method`) of that of a prototype or class. */
function pipelineAt(target: object, method?: PropertyKey): Pipeline | undefined {
  return pipelineWithin(method === undefined ? target : memberOf(target, method));
}

function memberOf(target: object, method: PropertyKey): unknown {
  const own = (target as Record<PropertyKey, unknown>)[method];
  if (own !== undefined || typeof target !== 'function') return own;
  return (target.prototype as Record<PropertyKey, unknown> | undefined)?.[method];
}
