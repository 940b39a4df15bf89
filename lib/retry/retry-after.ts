import { wallTime, type Clock } from '../core/clock';
import { isBreakerBoxError } from '../core/errors';
import { headerReader, headersOf } from '../core/headers';
import { propertyOf, statusOf } from '../core/thrown';

/** An error that wraps the one which knows is followed this far. */
const DEEPEST_CAUSE = 4;

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
      const askedMs = byHeaders(headers, current, clock);
      if (askedMs !== undefined) return askedMs;
    }
    const askedMs = byFields(current);
    if (askedMs !== undefined) return askedMs;
    // The cause of one of ours is what happened to another call.
    if (isBreakerBoxError(current)) return undefined;
    current = propertyOf(current, 'cause') ?? propertyOf(current, 'lastError') ?? lastOf(propertyOf(current, 'errors'));
  }
  return undefined;
}

/** Of several attempts, or of an `AggregateError`. */
function lastOf(errors: unknown): unknown {
  const length = propertyOf(errors, 'length');
  return typeof length === 'number' ? propertyOf(errors, length - 1) : undefined;
}

const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/** A rate limit's headers: when it is full again, and what is left of it. */
const LIMITS = [
  { reset: 'ratelimit-reset', remaining: 'ratelimit-remaining' },
  { reset: 'x-ratelimit-reset-after', remaining: 'x-ratelimit-remaining' },
  { reset: 'x-ratelimit-reset', remaining: 'x-ratelimit-remaining' },
  { reset: 'x-rate-limit-reset', remaining: 'x-rate-limit-remaining' },
];

const NAMES = [...MILLISECOND_HEADERS, 'date', 'retry-after', ...LIMITS.flatMap(({ reset, remaining }) => [reset, remaining]), 'ratelimit'];

/** A header by its name. */
type Read = (name: string) => string | undefined;

/** @param failure - What has the headers. */
function byHeaders(headers: object, failure: object, clock: Clock): number | undefined {
  const read = headerReader(headers, NAMES);
  for (const name of MILLISECOND_HEADERS) {
    const text = read(name);
    if (text !== undefined && DIGITS.test(text)) return Number(text);
  }
  const serverNowMs = (): number => dateMsOf(read('date') ?? '') ?? wallTime(clock);
  const asked = read('retry-after');
  return (asked === undefined ? undefined : longest(asked, secondsMs, serverNowMs)) ?? resetMs(read, failure, serverNowMs);
}

function byFields(failure: object): number | undefined {
  const exactMs = [propertyOf(failure, 'retryAfterMs'), propertyOf(failure, 'retryAfterInMs')].find(isWait);
  if (exactMs !== undefined) return exactMs;
  const retryAfter = propertyOf(failure, 'retryAfter');
  if (!isWait(retryAfter)) return undefined;
  // By its code: an error of ours that came as JSON is not known otherwise.
  const code = propertyOf(failure, 'code');
  return typeof code === 'string' && code.startsWith('BREAKER_') ? retryAfter : retryAfter * 1000;
}

function isWait(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Whole numbers by the standard; some servers send fractions. */
const DIGITS = /^\d+(\.\d+)?$/;

function secondsMs(text: string): number {
  return Number(text) * 1000;
}

/** Between the values of a header that came several times: dates have commas of their own. It begins with the comma, for a long blank text would else be looked through again from each of its blanks. */
const BETWEEN_VALUES = /,\s*(?=[a-z]{3,9},|\d{4}-\d\d-\d\dT|\d+(?:\.\d+)?\s*(?:,|$))/i;

/** The longest of the waits that a header names. @param ofNumber - What a plain number means. */
function longest(text: string, ofNumber: (digits: string) => number, serverNowMs: () => number): number | undefined {
  const waits = text.split(BETWEEN_VALUES).map((part) => {
    const value = part.trim();
    if (DIGITS.test(value)) return ofNumber(value);
    const dateMs = dateMsOf(value);
    return dateMs === undefined ? undefined : Math.max(0, dateMs - serverNowMs());
  });
  return longestOf(waits);
}

function longestOf(waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Any of the three forms of an HTTP date. `Date.parse` takes nearly every text with a number in it for one. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun).*\d\d:\d\d:\d\d/i;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i;

function dateMsOf(text: string): number | undefined {
  let dateMs = Number.NaN;
  // The form of `asctime` does not say that it is GMT, nor does an ISO date without a zone.
  if (HTTP_DATE.test(text)) dateMs = Date.parse(/GMT$/i.test(text) ? text : `${text} GMT`);
  else if (ISO_DATE.test(text)) dateMs = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(dateMs) ? undefined : dateMs;
}

/** Until the rate limits that are used up are reset. Servers send them with every answer: one of which something is left asks for nothing. */
function resetMs(read: Read, failure: object, serverNowMs: () => number): number | undefined {
  for (const { reset, remaining } of LIMITS) {
    const text = read(reset);
    if (text === undefined || !isUsedUp(read(remaining), failure)) continue;
    const waitMs = longest(text, (digits) => deltaMs(Number(digits), serverNowMs), serverNowMs);
    if (waitMs !== undefined) return waitMs;
  }
  return structuredResetMs(read('ratelimit') ?? '');
}

/** Where no header tells, by the status: an answer of any other than these has nothing to do with its limit. */
function isUsedUp(remaining: string | undefined, failure: object): boolean {
  if (remaining !== undefined) return !(Number.parseFloat(remaining) > 0);
  const status = statusOf(failure);
  return status === undefined || status === 429 || status === 503;
}

/** Some send the seconds, some the epoch in seconds, some in milliseconds. No limit lasts for the thirty years that tell them apart. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

function deltaMs(reset: number, serverNowMs: () => number): number {
  if (reset < EPOCH_SECONDS) return reset * 1000;
  return Math.max(0, (reset < EPOCH_MS ? reset * 1000 : reset) - serverNowMs());
}

/**
 * The `RateLimit` field: `"default";r=0;t=30`, or as an older draft has it, `limit=10, remaining=0, reset=30`.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
function structuredResetMs(text: string): number | undefined {
  const policies = text.includes('remaining=') ? [text] : text.split(',');
  const waits = policies.map((policy) => {
    const [, remaining] = /(?:;\s*r|\bremaining)=(\d+)/.exec(policy) ?? [];
    const [, reset] = /(?:;\s*t|\breset)=(\d+)/.exec(policy) ?? [];
    return Number(remaining) === 0 && reset !== undefined ? Number(reset) * 1000 : undefined;
  });
  return longestOf(waits);
}
