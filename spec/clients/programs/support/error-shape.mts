/** An error as JSON: what the presets may look at, and nothing that changes from run to run. */
export interface Shape {
  readonly class: string;
  readonly name?: unknown;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/** Own fields that say what happened. */
const FIELDS = [
  'code', 'status', 'statusCode', 'type', 'param', 'error', 'data', 'isRetryable', 'reason', 'details', 'rawMessage', 'isCanceled', 'lc_error_code',
];
const HEADERS = ['headers', 'responseHeaders', 'metadata'];
/** Other errors that an error has. */
const ERRORS = ['cause', 'lastError', 'reason'];

const DEEPEST = 5;

export function shapeOf(error: unknown, depth = 0): Shape {
  if (typeof error !== 'object' || error === null) return { class: typeof error, message: String(error) };
  const given = error as Record<string, any>;
  const shape: Record<string, unknown> = { class: given.constructor?.name, name: given.name, message: asText(given.message) };
  for (const field of FIELDS) {
    if (isPlain(given[field])) shape[field] = clean(given[field]);
  }
  for (const field of HEADERS) {
    const headers = headersOf(given[field]);
    if (headers !== undefined) shape[field] = headers;
  }
  if (depth < DEEPEST) {
    for (const field of ERRORS) if (given[field] instanceof Error) shape[field] = shapeOf(given[field], depth + 1);
    if (Array.isArray(given.errors)) shape.errors = given.errors.map((one) => shapeOf(one, depth + 1));
    const reason = given.config?.signal?.reason;
    if (reason !== undefined) shape.config = { signal: { reason: shapeOf(reason, depth + 1) } };
  }
  if (given.response !== undefined && given.response !== null) {
    const { status, statusCode, headers } = given.response;
    shape.response = { status, statusCode, headers: headersOf(headers) };
  }
  return JSON.parse(JSON.stringify(shape)) as Shape;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && value !== null;
  const isPlainObject = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
  return isPlainObject || (Array.isArray(value) && value.every((item) => typeof item !== 'object'));
}

/** The one date that a test server sends. */
const DATE = 'Thu, 01 Jan 2026 12:00:00 GMT';

const NAMED = /^(date|retry-after|retry-after-ms|x-ms-retry-after-ms|x-should-retry|content-type|.*ratelimit.*)$/;

/** Headers by name, and their class. */
function headersOf(headers: any): object | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const asGiven = typeof headers.getMap === 'function' ? headers.getMap() : headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const named = Object.fromEntries(Object.entries(asGiven).filter(([name, value]) => NAMED.test(name) && (name !== 'date' || value === DATE)));
  return { $class: headers.constructor?.name, ...named };
}

function clean(value: unknown): unknown {
  return JSON.parse(asText(JSON.stringify(value))!);
}

/** Ports, dates and spans differ from run to run. */
function asText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:80')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T12:00:00.000Z')
    .replaceAll(/Deadline exceeded after [^"]*/g, 'Deadline exceeded after 0.050s');
}
