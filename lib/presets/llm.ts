import { systemClock, wallTime } from '../core/clock';
import type { PolicyOptions } from '../protect/policies';
import { causesOf, headerAlong } from './causes';
import { finagle } from './finagle';
import { statusOf } from './http-failure';
import { isLlmOutage, isOwnLlmMistake, isTransient, isUnwell } from './llm-failure';
import { override } from './overrides';

/** The headers of one rate limit. */
interface Limit {
  readonly remaining: string;
  readonly reset: string;
}

/**
 * @see https://platform.openai.com/docs/guides/rate-limits
 * @see https://docs.anthropic.com/en/api/rate-limits
 */
const LIMITS: readonly Limit[] = [
  ...['requests', 'tokens'].map((what) => ({ remaining: `x-ratelimit-remaining-${what}`, reset: `x-ratelimit-reset-${what}` })),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
];

/** A `Retry-After` of the provider is more exact than a guess from its limits. */
const RETRY_AFTER = ['retry-after-ms', 'retry-after'];

/**
 * Milliseconds until every limit that is used up has been reset, of a response with status 429 or the error made of one;
 * undefined when it names none, or has a `Retry-After`. A limit that is not used up is no reason to wait: its reset is when it is full again.
 */
function limitResetMs(failure: unknown): number | undefined {
  if (statusOf(failure) !== 429) return undefined;
  const chain = causesOf(failure);
  if (RETRY_AFTER.some((name) => headerAlong(chain, name) !== undefined)) return undefined;
  const waits = LIMITS.flatMap(({ remaining, reset }) => {
    const waitMs = headerAlong(chain, remaining) === '0' ? toWaitMs(headerAlong(chain, reset), chain) : undefined;
    return waitMs !== undefined && waitMs > 0 ? [waitMs] : [];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** A time span as Go writes it: `6m0s`, `1.5s`, `12ms` (OpenAI). */
const TIME_SPAN = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** @param text - A time span, seconds (Azure), or a moment (Anthropic). */
function toWaitMs(text: string | undefined, chain: readonly object[]): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const span = TIME_SPAN.exec(text);
  if (span !== null) {
    const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = span.slice(1).map((part: string | undefined) => Number(part ?? 0));
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
  }
  const momentMs = Date.parse(text);
  return Number.isNaN(momentMs) ? undefined : momentMs - serverTimeMs(chain);
}

/** By the server's own clock, where it tells: ours may be wrong. */
function serverTimeMs(chain: readonly object[]): number {
  const dateMs = Date.parse(headerAlong(chain, 'date') ?? '');
  return Number.isNaN(dateMs) ? wallTime(systemClock) : dateMs;
}

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
