import { propertyOf } from './thrown';

/** Headers are looked through this far, and names, values and the values of one name are read up to these bounds: more is no answer of a server. */
const MOST_HEADERS = 1000;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 1000;
const MOST_VALUES = 16;

/** Where errors keep the headers of an answer, and answers their own: `responseHeaders` is of the AI SDK, `metadata` of gRPC and Connect. */
const PLACES = ['headers', 'responseHeaders', 'metadata'];

/** Most failures have none. */
const NONE: readonly object[] = [];

/** The headers of an answer: on the response of an error (axios, got, ky), or on the error or the response itself. */
export function headersOf(failure: unknown): readonly object[] {
  const response = propertyOf(failure, 'response');
  let found = response === undefined ? NONE : withHeaders(NONE, propertyOf(response, 'headers'));
  for (const name of PLACES) found = withHeaders(found, propertyOf(failure, name));
  return found;
}

function withHeaders(found: readonly object[], headers: unknown): readonly object[] {
  return typeof headers === 'object' && headers !== null && !found.includes(headers) ? [...found, headers] : found;
}

/** A header of a failure, or of its response. @param name - In lower case. */
export function headerOf(failure: unknown, name: string): string | undefined {
  for (const headers of headersOf(failure)) {
    const value = headerIn(headers, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A header that is there. @param name - In lower case. */
function headerIn(headers: object, name: string): string | undefined {
  return headerReader(headers, [name])(name);
}

/**
 * Reads headers out of `Headers`, a `Map`, an object, a list of pairs, of `{ name, value }`, or of names and values in turn (as Node's
 * `rawHeaders`). They are looked through once, however many are asked for. A header that is there several times is joined with commas, as
 * `Headers` does.
 *
 * @param names - All that will be asked for, in lower case.
 * @returns What gives a header by its name; undefined where it is not there, or cannot be read.
 */
export function headerReader(headers: object, names: readonly string[]): (name: string) => string | undefined {
  const get = propertyOf(headers, 'get');
  // A `Map` minds the case, which `Headers` and classes like it do not.
  const isMap = typeof propertyOf(headers, 'size') === 'number';
  if (typeof get === 'function' && !isMap) return (name) => asked(headers, get as (name: string) => unknown, name);
  const found = new Map<string, unknown[]>();
  try {
    collect(headers, names, found);
  } catch {
    // What was read before counts.
  }
  return (name) => textOf(found.get(name));
}

function asked(headers: object, get: (name: string) => unknown, name: string): string | undefined {
  try {
    return textOf(get.call(headers, name));
  } catch {
    return undefined;
  }
}

function collect(headers: object, names: readonly string[], found: Map<string, unknown[]>): void {
  let seen = 0;
  for (const [own, value] of entriesOf(headers)) {
    if (++seen > MOST_HEADERS) return;
    const name = typeof own === 'string' && own.length <= LONGEST_NAME ? own.toLowerCase() : undefined;
    if (name === undefined || !names.includes(name)) continue;
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
}

function* entriesOf(headers: object): Generator<readonly [unknown, unknown]> {
  if (Array.isArray(headers)) yield* listed(headers);
  else if (typeof propertyOf(headers, Symbol.iterator) === 'function') yield* paired(headers as Iterable<unknown>);
  else for (const name in headers) yield [name, propertyOf(headers, name)];
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
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_VALUES) return undefined;
  const texts = value.map(textOf).filter((text) => text !== undefined);
  const text = texts.join(', ');
  return texts.length === 0 || text.length > LONGEST_VALUE ? undefined : text;
}
