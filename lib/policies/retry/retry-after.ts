import { wallTime, type Clock } from '../../core/clock';

/**
 * The wait that a failed dependency asked for, in milliseconds; undefined when it asked for none.
 *
 * Found as a numeric `retryAfter` (milliseconds) on the error, or as a `Retry-After` header (seconds, or an HTTP date) in
 * `error.response.headers` or `error.headers`, be that a `Headers` or a plain object.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(error: unknown, clock: Clock): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return find(error, clock);
  } catch {
    return undefined; // what throws when it is read, such as a revoked proxy, must not hide the error itself
  }
}

function find(error: object, clock: Clock): number | undefined {
  const { retryAfter, response, headers } = error as { retryAfter?: unknown; response?: { headers?: unknown }; headers?: unknown };
  if (typeof retryAfter === 'number' && retryAfter >= 0) return retryAfter;
  const header = headerOf(response?.headers) ?? headerOf(headers);
  return header === undefined ? undefined : parse(header, clock);
}

/** Whole seconds by the standard; some servers send fractions. */
const SECONDS = /^\d+(\.\d+)?$/;

/** Any of the three forms of an HTTP date. `Date.parse` takes nearly every text with a number in it for one. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun).*\d\d:\d\d:\d\d/i;

function parse(header: string, clock: Clock): number | undefined {
  const text = header.trim();
  if (SECONDS.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of `asctime` does not say that it is GMT.
  const dateMs = Date.parse(/GMT$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - wallTime(clock));
}

function headerOf(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  const value: unknown =
    typeof get === 'function'
      ? get.call(headers, 'retry-after')
      : Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
