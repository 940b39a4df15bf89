import type { PolicyOptions } from '../protect/policies';
import { isLlmOutage, isOwnLlmMistake, isTransient, isUnwell } from './llm-failure';
import { limitResetMs } from './llm-limits';
import { finagle } from './finagle';
import { override } from './overrides';

/**
 * Policies for a function that asks a language model, for `withPolicies` and `@Resilient`; a fresh object each time.
 *
 * - Four attempts, 1, 2 and 4 s apart at most, for 408, 409, 429, 5xx (529 among them), overloads and failed connections;
 *   never when the quota is used up. `Retry-After`, `retry-after-ms`, or else the reset of the limit that is used up, is
 *   waited for where it fits the 10 minutes of the whole call. A stream is begun again only before its first item.
 * - The circuit opens when half of at least 10 attempts within 60 s failed, for 30 s. Rate limits and refusals are answers.
 * - 10 minutes for each attempt; of a stream, for each wait for an item.
 *
 * @param overrides - Policies whose options go over these: `presets.llm({ timeout: '60s' })`.
 * @throws {@link ConfigurationError} when `overrides` is no object; what is in it is checked where the policies are applied.
 */
export function llm(overrides: PolicyOptions = {}): PolicyOptions {
  const preset: PolicyOptions = {
    retry: {
      handle: isTransient,
      handleResult: isTransient,
      retryAfter: limitResetMs,
      // As long as the call may take.
      respectRetryAfter: { max: '10m' },
      maxAttempts: 4,
      baseDelay: '1s',
      maxElapsed: '10m',
      ...finagle(),
    },
    breaker: {
      handle: isLlmOutage,
      ignore: isOwnLlmMistake,
      handleResult: isUnwell,
      window: { type: 'time', duration: '60s', minimumCalls: 10, failureRate: 0.5 },
      recoveryTimeout: '30s',
    },
    timeout: { duration: '10m' },
  };
  return override(preset, overrides, 'presets.llm');
}
