import type { Duration } from '../core/duration';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind } from '../core/policy';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { timeoutRules } from './lint';
import { timeoutSchema, type ResolvedTimeoutOptions, type TimeoutOptions } from './options';
import { timing } from './timeout';

export const timeoutKind: PolicyKind<ResolvedTimeoutOptions> = {
  policy: 'timeout',
  equip: bringCounters,
  expand: /* @__PURE__ */ shortFor('duration', (given) => typeof given === 'string' || typeof given === 'number'),
  resolve: (given, subject) => resolve(timeoutSchema, given, subject),
  bind: timing,
  ...(__DEV__ && { lint: timeoutRules }),
};

/** A timeout, for the list of `withPipeline`. */
export function timeout(options: Duration | TimeoutOptions): Policy {
  return policyOf(timeoutKind, options);
}

/**
 * Limits the time of a method, or of each attempt when it stands under a retry: rejects with {@link OperationTimeoutError}, and
 * aborts `currentCall()!.signal`. Takes the duration, or {@link TimeoutOptions}. For a stream, each wait for an item is limited.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Timeout = /* @__PURE__ */ policyDecorator<(options: Duration | TimeoutOptions) => PolicyDecorator>(
  '@Timeout',
  (given) => [timeout(given as Duration | TimeoutOptions)],
  false,
);
