import { systemClock, wallTime } from '../core/clock';
import { causesOf, headerAlong } from './causes';
import { statusOf } from './http-failure';

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

/** What the provider says itself is better than what the limits let one guess. */
const RETRY_AFTER = ['retry-after-ms', 'retry-after'];

/**
 * Milliseconds until every limit that is used up has been reset, of a response with status 429 or the error made of one;
 * undefined when it names none, or has a `Retry-After`. A limit that is not used up is no reason to wait: its reset is when it is full again.
 */
export function limitResetMs(failure: unknown): number | undefined {
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
