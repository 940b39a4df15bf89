import { constrained, optional, options, problems, type Check } from '../core/check';
import { systemClock, type Clock } from '../core/clock';
import { type Duration, duration, having, integer, commonOptions, type RegistryRef } from '../core/options';
import { ConfigurationError } from '../core/errors';
import { systemRandom, type Random } from '../core/random';
import type { BreakerRegistry } from '../registry/registry';
import type { Jitter } from '../retry/backoff';
import { attemptEntries } from '../retry/options';

/** How often a recovery strategy tries, after which delays, and when its circuit opens. */
export interface RetryConfig {
  /** Attempts in all, the first included; integer ≥ 1 or `Infinity`. @defaultValue 3 */
  maxAttempts?: number | undefined;
  /** Delay before the first retry; ≥ 0. @defaultValue '1s' */
  baseDelay?: Duration | undefined;
  /** Cap of every delay; ≥ `baseDelay`. @defaultValue '300s' */
  maxDelay?: Duration | undefined;
  /** Growth per attempt; ≥ 1. @defaultValue 2 */
  exponentialBase?: number | undefined;
  /** How delays are spread: as a retry's, but `true` is ± 10 %. @defaultValue true */
  jitter?: Jitter | undefined;
  /** Consecutive failures that open the circuit; integer ≥ 1, or `Infinity`. Read by `CircuitBreakerStrategy` when it is made. @defaultValue 5 */
  failureThreshold?: number | undefined;
  /** Time the circuit stays open before it is half open; > 0. Read by `CircuitBreakerStrategy` when it is made. @defaultValue '60s' */
  recoveryTimeout?: Duration | undefined;
}

/** Options of one call; the strategy's hold for what is left out. */
export interface CallConfig extends RetryConfig {
  /** Ends waiting and retrying; the call rejects with its reason. @defaultValue the ambient signal */
  signal?: AbortSignal | undefined;
}

export const retryConfigEntries = {
  ...attemptEntries,
  // Their defaults are the breaker's.
  failureThreshold: optional(integer(1, { infinity: true })),
  recoveryTimeout: optional(duration({ exclusive: true, infinity: true })),
};

/** The rule between delays, for every schema that has them. */
export function withOrderedDelays<T extends { baseDelay: number; maxDelay: number }>(check: Check<T>): Check<T> {
  return constrained(check, ({ baseDelay, maxDelay }, blame) => {
    if (baseDelay !== undefined && maxDelay !== undefined && maxDelay < baseDelay) {
      blame('maxDelay', __DEV__ && `must not be below baseDelay (${baseDelay} ms)`);
    }
  });
}

export const retryConfigSchema = withOrderedDelays(options(retryConfigEntries));

/** Options of one call. The order of its delays is checked together with the strategy's. */
export const callConfigSchema = /* @__PURE__ */ options({ ...retryConfigEntries, signal: optional(having<AbortSignal>(__DEV__ && 'an AbortSignal', 'addEventListener', 'removeEventListener')) });

/** A config whose options `over` replaces where it has them. */
export function overlay(config: RetryConfig, over: RetryConfig): RetryConfig {
  return { ...config, ...Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined)) };
}

/** The clock and the randomness that are injected into a strategy. */
export interface StrategyInjection {
  /** @defaultValue the registry's clock, or the system's */
  clock?: Clock | undefined;
  /** @defaultValue the registry's, or `Math.random` */
  random?: Random | undefined;
  /** Where the breakers live. @defaultValue a registry of the strategy's own */
  registry?: RegistryRef | undefined;
}

const injectionSchema = /* @__PURE__ */ options({
  clock: commonOptions.clock,
  random: commonOptions.random,
  registry: commonOptions.registry,
});

/**
 * Checks what a strategy is made of.
 *
 * @throws {@link ConfigurationError} that names every problem of both.
 */
export function checkStrategy(subject: string, schema: Check<unknown>, config: unknown, injection: unknown): void {
  const issues = [...problems(schema, config), ...problems(injectionSchema, injection)];
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
}

export function clockOf({ clock, registry }: StrategyInjection): Clock {
  return clock ?? (registry as BreakerRegistry | undefined)?.injected.clock ?? systemClock;
}

export function randomOf({ random, registry }: StrategyInjection): Random {
  return random ?? (registry as BreakerRegistry | undefined)?.injected.random ?? systemRandom;
}
