import { chaos } from './policy';
import type { ChaosOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

/**
 * Makes runs of a method fail, take long or answer wrongly, on purpose; off unless `enabled`. It has no default, so it is
 * used with options: `@Chaos({ fault: () => new Error('no answer'), rate: 0.1, enabled: isDrill })`; see {@link ChaosOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Chaos = policyDecorator<(options: ChaosOptions) => PolicyDecorator>(
  '@Chaos',
  (given) => [chaos(given as ChaosOptions)],
  false,
);
