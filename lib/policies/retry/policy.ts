import { resolve } from '../../core/options';
import type { Policy, PolicyKind } from '../../core/policy';
import { retrySchema, type ResolvedRetryOptions, type RetryOptions } from './options';
import { RetryRunner } from './runner';

const retryKind: PolicyKind<ResolvedRetryOptions> = {
  policy: 'retry',
  resolve: (given, subject) => resolve(retrySchema, given, subject),
  layer: (options, next, { clock, random, sink }) =>
    new RetryRunner({ ...options, clock: options.clock ?? clock, random: options.random ?? random }, next, sink),
  attemptTimeoutMs: ({ attemptTimeout }) => attemptTimeout,
};

/** A retry, for the array form of `withPolicies`. */
export function retry(options: RetryOptions = {}): Policy {
  return { kind: retryKind, given: options };
}
