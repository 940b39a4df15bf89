import { wallTime, type Clock } from '../../core/clock';

/**
 * The wait that a failed dependency asked for, in milliseconds; undefined when it asked for none.
 *
 * Found as a numeric `retryAfter` (milliseconds) on it, or as a `Retry-After` header (seconds, or an HTTP date) in
 * `failure.response.headers` or `failure.headers`, be that a `Headers` or a plain object. `retry-after-ms` (OpenAI) and
 * `x-ms-retry-after-ms` (Azure) say the same in milliseconds, and win: they are the more exact.
 *
 * @param failure - An error, or a returned value that counts as a failure, such as a `Response`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(failure: unknown, clock: Clock): number | undefined {
  try {
    return find(failure as object, clock);
  } catch {
    return undefined; // what throws when it is read, such as `null` or a revoked proxy, must not hide the error itself
  }
}

function find(failure: object, clock: Clock): number | undefined {
  const { retryAfter } = failure as { retryAfter?: unknown };
  if (typeof retryAfter === 'number' && retryAfter >= 0) return retryAfter;
  for (const name of MILLISECOND_HEADERS) {
    const text = headerOf(failure, name)?.trim();
    if (text !== undefined && DIGITS.test(text)) return Number(text);
  }
  const header = headerOf(failure, 'retry-after');
  return header === undefined ? undefined : parse(header, clock);
}

const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/** Whole numbers by the standard; some servers send fractions. */
const DIGITS = /^\d+(\.\d+)?$/;

/** Any of the three forms of an HTTP date. `Date.parse` takes nearly every text with a number in it for one. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun).*\d\d:\d\d:\d\d/i;

function parse(header: string, clock: Clock): number | undefined {
  const text = header.trim();
  if (DIGITS.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of `asctime` does not say that it is GMT.
  const dateMs = Date.parse(/GMT$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - wallTime(clock));
}

/** A header of a failure, its own or its response's. @param name - In lower case. @throws Whatever reading it throws. */
export function headerOf(failure: object, name: string): string | undefined {
  const { response, headers } = failure as { response?: { headers?: unknown } | null; headers?: unknown };
  return valueIn(response?.headers, name) ?? valueIn(headers, name);
}

function valueIn(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  const value: unknown =
    typeof get === 'function' ? get.call(headers, name) : Object.entries(headers).find(([own]) => own.toLowerCase() === name)?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
