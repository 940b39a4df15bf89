import type { Duration } from '../core/duration';
import { timeout } from '../policies/timeout/policy';
import type { TimeoutOptions } from '../policies/timeout/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * Limits the time of a method, or of each attempt when it stands under a retry: rejects with {@link OperationTimeoutError}, and
 * aborts `currentCall()!.signal`. Takes the duration, or {@link TimeoutOptions}. For a stream, each wait for an item is limited.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Timeout = policyDecorator<(options: Duration | TimeoutOptions) => PolicyDecorator>(
  '@Timeout',
  (given) => [timeout(given as Duration | TimeoutOptions)],
  false,
);
