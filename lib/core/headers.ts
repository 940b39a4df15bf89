import { propertyOf } from './thrown';

/** Headers are looked through this far, and a value is read up to this length: more is no answer of a server. */
const MOST_HEADERS = 1000;
const LONGEST_VALUE = 1000;

/** Where errors keep the headers of an answer, and answers their own: `responseHeaders` is of the AI SDK, `metadata` of gRPC and Connect. */
const PLACES = ['headers', 'responseHeaders', 'metadata'];

/** The headers of an answer: on the response of an error (axios, got, ky), or on the error or the response itself. */
export function headersOf(failure: unknown): unknown[] {
  const places = [propertyOf(propertyOf(failure, 'response'), 'headers'), ...PLACES.map((name) => propertyOf(failure, name))];
  return places.filter((headers) => typeof headers === 'object' && headers !== null);
}

/** A header of a failure, or of its response. @param name - In lower case. */
export function headerOf(failure: unknown, name: string): string | undefined {
  for (const headers of headersOf(failure)) {
    const value = headerIn(headers, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * A header of `Headers`, a `Map`, an object, a list of pairs, of `{ name, value }`, or of names and values in turn (as Node's `rawHeaders`). A
 * header that is there several times is joined with commas, as `Headers` does.
 *
 * @param name - In lower case.
 * @returns undefined where it is not there, or cannot be read.
 */
export function headerIn(headers: unknown, name: string): string | undefined {
  try {
    const { get, size } = headers as { get?: unknown; size?: unknown };
    // A `Map` minds the case, which `Headers` and classes like it do not.
    const isMap = typeof size === 'number';
    return textOf(typeof get === 'function' && !isMap ? get.call(headers, name) : found(headers, name));
  } catch {
    return undefined;
  }
}

function found(headers: unknown, name: string): unknown[] {
  const values: unknown[] = [];
  let seen = 0;
  for (const [own, value] of entriesOf(headers)) {
    if (++seen > MOST_HEADERS) break;
    if (typeof own === 'string' && own.length === name.length && own.toLowerCase() === name) values.push(value);
  }
  return values;
}

function* entriesOf(headers: unknown): Generator<readonly [unknown, unknown]> {
  if (Array.isArray(headers)) yield* listed(headers);
  else if (typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') yield* paired(headers as Iterable<unknown>);
  else for (const name in headers as object) yield [name, (headers as Record<string, unknown>)[name]];
}

function* listed(list: readonly unknown[]): Generator<readonly [unknown, unknown]> {
  if (typeof list[0] !== 'string') yield* paired(list);
  else for (let at = 0; at + 1 < list.length; at += 2) yield [list[at], list[at + 1]];
}

function* paired(pairs: Iterable<unknown>): Generator<readonly [unknown, unknown]> {
  for (const pair of pairs) {
    yield Array.isArray(pair) ? [pair[0], pair[1]] : [propertyOf(pair, 'name') ?? propertyOf(pair, 'key'), propertyOf(pair, 'value')];
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length > LONGEST_VALUE ? undefined : value.trim();
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_HEADERS) return undefined;
  const texts = value.map(textOf).filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join(', ');
}
