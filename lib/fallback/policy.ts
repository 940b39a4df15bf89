import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import { fallbackRules } from './lint';
import { fallbackSchema, type FallbackFunction, type FallbackOptions, type ResolvedFallbackOptions } from './options';
import { FallbackRunner } from './runner';

export const fallbackKind: PolicyKind<ResolvedFallbackOptions> = {
  policy: 'fallback',
  expand: shortFor('use', (given) => typeof given === 'function'),
  resolve: (given, subject) => resolve(fallbackSchema, given, subject),
  layer: (options, next, context) => new FallbackRunner(options, next, context),
  isOutsideBreaker: true,
  lint: fallbackRules,
};

/** A fallback as a policy that knows which functions it fits. */
export interface FallbackPolicy<Args extends readonly unknown[], Answer> extends Policy {
  /** For the compiler alone: no policy has it. */
  readonly __answers?: (...args: Args) => Answer;
}

/** A fallback, for the array form of `withPolicies`. The compiler checks it against the function there. */
export function fallback<Args extends readonly unknown[], Answer>(
  use: (error: unknown, ...args: Args) => Answer,
): FallbackPolicy<Args, Answer>;
export function fallback<Args extends readonly unknown[], Answer>(
  options: Omit<FallbackOptions, 'use'> & { use: (error: unknown, ...args: Args) => Answer },
): FallbackPolicy<Args, Answer>;
export function fallback(options: FallbackFunction | FallbackOptions): Policy {
  return policyOf(fallbackKind, options);
}
