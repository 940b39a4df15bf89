import { isRecord } from '../core/options';
import { propertyOf } from '../core/safe-inspect';

/** As much of a request as tells whether it may be repeated. */
interface RequestLike {
  readonly method: string;
  readonly headers: unknown;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * Whether a request may be carried out twice: by its method (RFC 9110, section 9.2.2), or because an `Idempotency-Key` lets the
 * server recognise it.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export function isIdempotent({ method, headers }: RequestLike): boolean {
  return IDEMPOTENT.has(method.toUpperCase()) || hasHeader(headers, 'idempotency-key');
}

/** The request that `fetch(input, init)` makes. */
export function fetchRequest(input: unknown, init: unknown): RequestLike {
  const method = propertyOf(init, 'method') ?? propertyOf(input, 'method') ?? 'GET';
  return { method: String(method), headers: propertyOf(init, 'headers') ?? propertyOf(input, 'headers') };
}

/**
 * The request that arguments stand for, if they do: those of `fetch` (a URL or a `Request`, and an init) or of axios (a
 * config, or a URL and a config). A method must be told where there is a body; any other method than `GET` is told.
 *
 * @returns undefined when they are something else: it could be anything, a payment too.
 */
export function requestOf(args: readonly unknown[]): RequestLike | undefined {
  const [target, init, ...rest] = args;
  if (rest.length > 0 || (init !== undefined && !isInit(init))) return undefined;
  const isTarget = isUrl(target) || isRequest(target) || isConfig(target) || (typeof target === 'string' && says(init, 'method'));
  if (!isTarget) return undefined;
  const isBodyAlone = (part: unknown): boolean => carriesBody(part) && !says(init, 'method') && !says(target, 'method');
  return isBodyAlone(init) || isBodyAlone(target) ? undefined : fetchRequest(target, init);
}

/** Options of `fetch` and axios that make a request of an object, besides `method`. */
const REQUEST_OPTIONS: ReadonlySet<string> = new Set([
  'url', 'baseURL', 'method', 'headers', 'body', 'data', 'params', 'signal', 'timeout', 'auth', 'responseType', 'withCredentials',
  'maxRedirects', 'validateStatus', 'paramsSerializer', 'httpAgent', 'httpsAgent', 'mode', 'credentials', 'cache', 'redirect', 'referrer',
  'referrerPolicy', 'integrity', 'keepalive', 'duplex', 'priority', 'window', 'dispatcher', 'agent', 'next', 'cf', 'adapter', 'cancelToken',
  'transformRequest', 'transformResponse', 'responseEncoding', 'maxContentLength', 'maxBodyLength', 'decompress', 'proxy', 'transitional',
  'onUploadProgress', 'onDownloadProgress', 'xsrfCookieName', 'xsrfHeaderName', 'withXSRFToken',
]);

function isUrl(value: unknown): boolean {
  if (typeof value === 'string') return /^(https?:\/\/|\.{0,2}\/)/i.test(value);
  return typeof propertyOf(value, 'href') === 'string' && typeof propertyOf(value, 'protocol') === 'string';
}

function isRequest(value: unknown): boolean {
  return says(value, 'method') && says(value, 'url');
}

function isConfig(value: unknown): boolean {
  if (!isRecord(value) || !(says(value, 'url') || says(value, 'method'))) return false;
  return says(value, 'method') || hasOnlyOptions(value);
}

/** The second argument of `axios.post` is the body: it is empty, or has names of its own. */
function isInit(value: unknown): boolean {
  return isRecord(value) && (says(value, 'method') || hasOnlyOptions(value));
}

function hasOnlyOptions(value: object): boolean {
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => REQUEST_OPTIONS.has(name));
}

/** A body of a request that does not tell its method: somebody else fills in `POST`. */
function carriesBody(value: unknown): boolean {
  return isRecord(value) && ((value.body ?? undefined) !== undefined || (value.data ?? undefined) !== undefined);
}

function says(value: unknown, name: string): boolean {
  return typeof propertyOf(value, name) === 'string';
}

/** @param name - In lower case. */
function hasHeader(headers: unknown, name: string): boolean {
  if (typeof headers !== 'object' || headers === null) return false;
  const { has } = headers as { has?: unknown };
  if (typeof has === 'function') return has.call(headers, name) === true;
  const names: unknown[] = Array.isArray(headers) ? headers.map((pair) => propertyOf(pair, 0)) : Object.keys(headers);
  return names.some((own) => typeof own === 'string' && own.toLowerCase() === name);
}
