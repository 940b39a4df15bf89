import type { Duration } from '../core/duration';
import { timeout } from './policy';
import type { TimeoutOptions } from './options';
import { policyDecorator } from '../protect/policy-decorator';
import type { PolicyDecorator } from '../protect/decorator-types';

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
