import { wallTime, type Clock } from '../core/clock';
import { isBreakerBoxError } from '../core/errors';
import { headerReader, headersOf } from '../core/headers';
import { propertyOf, statusOf } from '../core/safe-inspect';

/** An error that wraps the one which knows is followed this far. */
const DEEPEST_CAUSE = 4;

/** Headers and fields in milliseconds: of OpenAI and Azure. */
const MS_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];
const MS_FIELDS = ['retryAfterMs', 'retryAfterInMs'];

/** When a rate limit is full again; what is left of it is in the header with `remaining` in this one's place. */
const RESETS = ['ratelimit-reset', 'x-ratelimit-reset-after', 'x-ratelimit-reset', 'x-rate-limit-reset'];
const remainingOf = (reset: string): string => reset.replace(/reset.*/, 'remaining');

/** A header by its name. */
type Read = (name: string) => string | undefined;

/**
 * The wait that a failed dependency asked for, in milliseconds, from now on; 0 for a moment that has passed; undefined when it asked for
 * none. Of an error, its causes are looked at too.
 *
 * Headers first, of the response and of the failure itself: `retry-after-ms` (OpenAI) and `x-ms-retry-after-ms` (Azure) in milliseconds,
 * `Retry-After` in seconds or as a date, and the reset of a rate limit that is used up: that says so, or comes with a 429 or 503. Then fields: `retryAfterMs` and `retryAfterInMs`
 * in milliseconds, and `retryAfter` in seconds, but in milliseconds where the `code` is one of ours.
 *
 * @param failure - An error, or a returned value that counts as a failure, such as a `Response`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(failure: unknown, clock: Clock): number | undefined {
  let current = failure;
  for (let depth = 0; depth <= DEEPEST_CAUSE && typeof current === 'object' && current !== null; depth++) {
    for (const headers of headersOf(current)) {
      const waitMs = byHeaders(headers, current, clock);
      if (waitMs !== undefined) return waitMs;
    }
    const waitMs = byFields(current);
    // The cause of one of ours is what happened to another call.
    if (waitMs !== undefined || isBreakerBoxError(current)) return waitMs;
    current = propertyOf(current, 'cause') ?? propertyOf(current, 'lastError') ?? lastOf(propertyOf(current, 'errors'));
  }
  return undefined;
}

/** Of several attempts, or of an `AggregateError`. */
function lastOf(errors: unknown): unknown {
  const length = propertyOf(errors, 'length');
  return typeof length === 'number' ? propertyOf(errors, length - 1) : undefined;
}

/** @param failure - What has the headers. */
function byHeaders(headers: object, failure: object, clock: Clock): number | undefined {
  const read = headerReader(headers);
  const exact = MS_HEADERS.map(read).find((text = '') => NUMBER.test(text));
  if (exact !== undefined) return Number(exact);
  // A date is relative to the server's clock.
  const nowMs = dateMs(read('date') ?? '') || wallTime(clock);
  return longest(read('retry-after'), nowMs, Infinity) ?? resetMs(read, failure, nowMs);
}

function byFields(failure: object): number | undefined {
  const exactMs = MS_FIELDS.map((name) => propertyOf(failure, name)).find(isWait);
  const retryAfter = propertyOf(failure, 'retryAfter');
  if (exactMs !== undefined || !isWait(retryAfter)) return exactMs;
  // By its code: an error of ours that came as JSON is not known otherwise.
  const code = propertyOf(failure, 'code');
  return typeof code === 'string' && code.startsWith('BREAKER_') ? retryAfter : retryAfter * 1000;
}

function isWait(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Until the rate limits that are used up are reset. Servers send them with every answer: one of which something is left asks for nothing. */
function resetMs(read: Read, failure: object, nowMs: number): number | undefined {
  for (const reset of RESETS) {
    const waitMs = isUsedUp(read(remainingOf(reset)), failure) ? longest(read(reset), nowMs, EPOCH_SECONDS) : undefined;
    if (waitMs !== undefined) return waitMs;
  }
  return structuredResetMs(read('ratelimit') ?? '');
}

/** Where no header says so, by the status: an answer of any other than these has nothing to do with its limit. */
function isUsedUp(remaining: string | undefined, failure: object): boolean {
  return remaining === undefined ? [undefined, 429, 503].includes(statusOf(failure)) : !(Number.parseFloat(remaining) > 0);
}

/**
 * The `RateLimit` field: `"default";r=0;t=30`, or as an older draft has it, `limit=10, remaining=0, reset=30`.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
function structuredResetMs(text: string): number | undefined {
  const policies = text.includes('remaining=') ? [text] : text.split(',');
  const waits = policies.map((policy) => {
    const remaining = /(?:;\s*r|\bremaining)=(\d+)/.exec(policy)?.[1];
    const reset = /(?:;\s*t|\breset)=(\d+)/.exec(policy)?.[1];
    return Number(remaining) === 0 ? Number(reset) * 1000 : Number.NaN;
  });
  return longestOf(waits);
}

/** Whole numbers by the standard; some servers send fractions. */
const NUMBER = /^\d+(\.\d+)?$/;

/** Some send the seconds until a reset, some its epoch in seconds, some in milliseconds. No limit lasts for the thirty years that tell them apart. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/** Between the values of a header that came several times: dates have commas of their own. It begins with the comma, for a long blank text would else be looked through again from each of its blanks. */
const BETWEEN_VALUES = /,\s*(?=[a-z]{3,9},|\d{4}-\d\d-\d\dT|\d+(?:\.\d+)?\s*(?:,|$))/i;

/** The longest of the waits that a header names, in seconds or as dates. @param epochFrom - From which number on it is a date too. */
function longest(text = '', nowMs: number, epochFrom: number): number | undefined {
  const waits = text.split(BETWEEN_VALUES).map((part) => {
    const value = part.trim();
    const number = NUMBER.test(value) ? Number(value) : Number.NaN;
    if (number < epochFrom) return number * 1000;
    const untilMs = number < EPOCH_MS ? number * 1000 : number || dateMs(value);
    return Math.max(0, untilMs - nowMs);
  });
  return longestOf(waits);
}

/** @param waits - `NaN`: none. */
function longestOf(waits: readonly number[]): number | undefined {
  const longestMs = Math.max(-1, ...waits.filter((ms) => ms >= 0));
  return longestMs < 0 ? undefined : longestMs;
}

/** Any of the three forms of an HTTP date, or an ISO date. `Date.parse` takes nearly every text with a number in it for one. */
const DATE = /^((mon|tue|wed|thu|fri|sat|sun).*\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$)/i;
const ZONE = /(GMT|Z|[+-]\d\d:?\d\d)$/i;

/** @returns `NaN` for what is no date. */
function dateMs(text: string): number {
  if (!DATE.test(text)) return Number.NaN;
  // The form of `asctime` does not say that it is GMT, nor does an ISO date without a zone.
  return Date.parse(ZONE.test(text) ? text : text + (text[4] === '-' ? 'Z' : ' GMT'));
}
