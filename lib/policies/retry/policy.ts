import { resolve } from '../../core/options';
import type { Policy, PolicyKind } from '../../core/policy';
import { memoryOf, newMemory } from './memory';
import { retrySchema, type ResolvedRetryOptions, type RetryOptions } from './options';
import { RetryRunner } from './runner';

const retryKind: PolicyKind<ResolvedRetryOptions> = {
  policy: 'retry',
  resolve: (given, subject) => resolve(retrySchema, given, subject),
  layer(given, next, { clock, random, sink, registry }) {
    const options = { ...given, clock: given.clock ?? clock, random: given.random ?? random };
    return new RetryRunner(options, next, sink, memoryOf(given, registry, () => newMemory(options)));
  },
  attemptTimeoutMs: ({ attemptTimeout }) => attemptTimeout,
};

/** A retry, for the array form of `withPolicies`. */
export function retry(options: RetryOptions = {}): Policy {
  return { kind: retryKind, given: options };
}
