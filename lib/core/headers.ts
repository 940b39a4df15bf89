import { propertyOf } from './safe-inspect';

/** Headers are looked through this far, and names, values and the values of one name are read up to these bounds: more is no answer of a server. */
const MOST_HEADERS = 1000;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 1000;
const MOST_VALUES = 16;

/**
 * The headers of an answer: on the response of an error (axios, got, ky), or on the error or the response itself. `responseHeaders` is of the
 * AI SDK, `metadata` of gRPC and Connect.
 */
export function headersOf(failure: unknown): readonly object[] {
  const found = new Set([propertyOf(propertyOf(failure, 'response'), 'headers')]);
  for (const name of ['headers', 'responseHeaders', 'metadata']) found.add(propertyOf(failure, name));
  return [...found].filter((headers) => typeof headers === 'object' && headers !== null);
}

/** A header of a failure, or of its response. @param name - In lower case. */
export function headerOf(failure: unknown, name: string): string | undefined {
  for (const headers of headersOf(failure)) {
    const value = headerReader(headers)(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * Reads headers out of `Headers`, a `Map`, an object, a list of pairs, of `{ name, value }`, or of names and values in turn (as Node's
 * `rawHeaders`). They are looked through once, however many are asked for. A header that is there several times is joined with commas, as
 * `Headers` does.
 *
 * @returns What gives a header by its name in lower case; undefined where it is not there, or cannot be read.
 */
export function headerReader(headers: object): (name: string) => string | undefined {
  const get = propertyOf(headers, 'get');
  const found = new Map<unknown, unknown[]>();
  // A `Map` minds the case, which `Headers` and classes like it do not.
  const isAsked = typeof get === 'function' && typeof propertyOf(headers, 'size') !== 'number';
  if (!isAsked) collect(headers, found);
  return (name) => {
    try {
      return textOf(isAsked ? get.call(headers, name) : found.get(name));
    } catch {
      return undefined;
    }
  };
}

function collect(headers: object, found: Map<unknown, unknown[]>): void {
  let seen = 0;
  try {
    for (const [own, value] of entriesOf(headers)) {
      if (++seen > MOST_HEADERS) return;
      if (typeof own !== 'string' || own.length > LONGEST_NAME) continue;
      const name = own.toLowerCase();
      found.set(name, [...(found.get(name) ?? []).slice(0, MOST_VALUES), value]);
    }
  } catch {
    // The pairs that were read before count.
  }
}

function* entriesOf(headers: object): Generator<readonly unknown[]> {
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let at = 0; at < headers.length; at += 2) yield [headers[at], headers[at + 1]];
  } else if (typeof propertyOf(headers, Symbol.iterator) === 'function') {
    for (const pair of headers as Iterable<unknown>) {
      yield Array.isArray(pair) ? pair : [propertyOf(pair, 'name') ?? propertyOf(pair, 'key'), propertyOf(pair, 'value')];
    }
  } else for (const name in headers) yield [name, propertyOf(headers, name)];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  const text = Array.isArray(value) && value.length <= MOST_VALUES ? value.map(textOf).filter((one) => one !== undefined).join(', ') : value;
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_VALUE ? text.trim() : undefined;
}
