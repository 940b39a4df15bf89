import { systemClock, type Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import { options, problems, type Check } from '../core/check';
import { commonOptions, type RegistryRef } from '../core/options';
import { systemRandom, type Random } from '../core/random';
import type { BreakerRegistry } from '../registry/registry';

/** What a strategy takes from outside. */
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
