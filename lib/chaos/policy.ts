import { resolve } from '../core/options';
import { policyOf, type Policy, type PolicyKind } from '../core/policy';
import { systemRandom, seededRandom } from '../core/random';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { injecting } from './chaos';
import { Injector } from './injector';
import { chaosSchema, type ChaosOptions, type ResolvedChaosOptions } from './options';

export const chaosKind: PolicyKind<ResolvedChaosOptions> = {
  policy: 'chaos',
  equip: bringCounters,
  resolve: (given, subject) => resolve(chaosSchema, given, subject),
  bind(options, context) {
    const { enabled, seed, random = context.random ?? systemRandom } = options;
    if (enabled === false) return (next) => next;
    return injecting(options, new Injector(options, seed === undefined ? random : seededRandom(seed)), context);
  },
};

/** Chaos, for the list of `withPipeline`. */
export function chaos(options: ChaosOptions): Policy {
  return policyOf(chaosKind, options);
}

/**
 * Makes runs of a method fail, take long or answer wrongly, on purpose; off unless `enabled`. It has no default, so it is
 * used with options: `@Chaos({ fault: () => new Error('no answer'), rate: 0.1, enabled: isDrill })`; see {@link ChaosOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Chaos = /* @__PURE__ */ policyDecorator<(options: ChaosOptions) => PolicyDecorator>(
  '@Chaos',
  (given) => [chaos(given as ChaosOptions)],
  false,
);
