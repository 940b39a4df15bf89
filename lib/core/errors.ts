import { describeThrown, propertyOf, asText, cut, nameOf } from './safe-inspect';

/** Marks our errors for other copies of the package, whose classes are not ours. */
const BRAND = Symbol.for('breaker-box.error');

/** The stable codes of breaker-box's errors. */
export type ErrorCode =
  | 'BREAKER_OPEN'
  | 'BREAKER_TIMEOUT'
  | 'BREAKER_BULKHEAD_FULL'
  | 'BREAKER_RATE_LIMITED'
  | 'BREAKER_THROTTLED'
  | 'BREAKER_CONFIG'
  | 'BREAKER_CONFLICT'
  | 'BREAKER_STORE';

/** A {@link BreakerBoxError} in JSON. */
export interface BreakerBoxErrorJson {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly operation: string;
  readonly key?: string;
  readonly state?: 'open' | 'half_open';
  /** Milliseconds; absent when there is no end in sight. */
  readonly retryAfter?: number;
}

/** The base of every error that breaker-box itself makes. */
export abstract class BreakerBoxError extends Error {
  abstract readonly code: ErrorCode;
  /** The operation it is about; `''` when there is none. */
  declare readonly operation: string;
  #cause: unknown;

  constructor(message: string, operation: string, options?: ErrorOptions) {
    super(message);
    this.operation = operation;
    this.#cause = options?.cause;
  }

  /**
   * The error that led to it, as far as that is known: one of yours or of a client, with all that it carries. No own property, so that no copy, no JSON and no
   * logger comes upon it by walking the error.
   */
  override get cause(): unknown {
    return #cause in this ? this.#cause : undefined; // else it is the prototype that somebody looks at
  }

  override set cause(cause: unknown) {
    if (#cause in this) this.#cause = cause;
  }

  /** Without its cause, which may hold credentials, or a cycle. */
  toJSON(): BreakerBoxErrorJson {
    const values = JSON_FIELDS.map((field) => [field, (this as BreakerBoxErrorJson)[field]]);
    return Object.fromEntries(values.filter(([, value]) => value !== Infinity)) as never;
  }
}

const JSON_FIELDS = ['name', 'code', 'message', 'operation', 'key', 'state', 'retryAfter'] as const;

Object.defineProperty(BreakerBoxError.prototype, BRAND, { value: true });
if (__NODE__) Object.defineProperty(BreakerBoxError.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: inspected });

type Inspect = (value: object, options: object) => string;

/** The text that `console.log` prints in Node, Deno and Bun; the cause is as {@link describeThrown} shows it. */
function inspected(this: BreakerBoxError, _depth: number, options: object, inspect: Inspect): string {
  const { cause, stack = `${this.name}: ${this.message}` } = this;
  return `${stack} ${inspect({ ...this, ...(cause !== undefined && { cause: describeThrown(cause) }) }, options)}`;
}

/** Whether `error` is one of breaker-box's own, made by this copy of the package or by another. */
export function isBreakerBoxError(error: unknown): error is BreakerBoxError {
  return propertyOf(error, BRAND) === true;
}

/** Whether `error` is a breaker-box error with this code, whichever copy of the package made it. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is BreakerBoxError {
  return isBreakerBoxError(error) && codes.includes(propertyOf(error, 'code') as ErrorCode);
}

/** The code of an error that the pipeline of `operation` made; undefined for any other error. */
export function codeFrom(operation: string, error: unknown): ErrorCode | undefined {
  return isBreakerBoxError(error) && propertyOf(error, 'operation') === operation ? (propertyOf(error, 'code') as ErrorCode) : undefined;
}

/** Whether `error` says that a policy did not let a call run, or that its set-up is wrong: trying again at once is no use. */
export function isRejection(error: unknown): error is BreakerBoxError {
  return isBreakerBoxError(error) && propertyOf(error, 'code') !== 'BREAKER_TIMEOUT';
}

/** Puts the class's name where `Error` keeps it: on the prototype, so that no instance pays for it. */
export function nameErrorClass(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** One thing that is wrong with an input. */
export interface ConfigurationIssue {
  /** Where, as in `window.minimumCalls`; `''` for the input as a whole. */
  readonly path: string;
  /** The values that are allowed there. */
  readonly message: string;
  /** The value that was given. */
  readonly received: unknown;
}

/** Options, names, snapshots or uses that cannot work; names every problem at once. Thrown when they are given, never per call. */
export class ConfigurationError extends BreakerBoxError {
  readonly code = 'BREAKER_CONFIG';
  /** Not enumerable: what was received may be a client, or options with a password. */
  declare readonly issues: readonly ConfigurationIssue[];

  /** @param subject - What was configured: `@Retry on VideoService.download`, `withBreaker(fetchUser)`. */
  constructor(subject: string, issues: readonly ConfigurationIssue[], operation = '') {
    const lines = issues.map(({ path, message, received }) => {
      const where = path === '' ? '' : `${path}: `;
      return `${where}${message}${__DEV__ ? `; received ${show(received)}` : ''}`;
    });
    super(lines.length === 1 ? `${subject}: ${lines[0]}` : [`${subject}:`, ...lines].join('\n  - '), operation);
    Object.defineProperty(this, 'issues', { value: issues });
  }
}

nameErrorClass(ConfigurationError, 'ConfigurationError');

/**
 * The error of a single wrong input.
 *
 * @param allowed - The values that are allowed, as a sentence without its subject. `false` in a production build.
 */
export function invalid(subject: string, path: string, received: unknown, allowed: string | false, operation?: string): ConfigurationError {
  return new ConfigurationError(subject, [{ path, message: allowed || 'invalid', received }], operation);
}

/** Whether an error is one of these, of this copy of the package or of another. */
export function isConfigurationError(error: unknown): error is ConfigurationError {
  return hasCode(error, 'BREAKER_CONFIG');
}

/** A value as a person would write it, short. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${cut(value, 80)}'`;
  if (typeof value === 'function') {
    const name = nameOf(value);
    return name === '' ? 'a function' : `function ${name}`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    const json = JSON.stringify(value);
    return cut(json, 80);
  } catch {
    return asText(value);
  }
}

/** Two sites claim one operation name and do not agree. */
export class OperationConflictError extends BreakerBoxError {
  readonly code = 'BREAKER_CONFLICT';

  constructor(operation: string, why: string) {
    super(`The operation name '${operation}' is taken: ${why}`, operation);
  }
}

nameErrorClass(OperationConflictError, 'OperationConflictError');

/**
 * Makes an error without its stack trace, unless that is wanted (`rejectionStacks`): it is most of the cost of an error. A rejection by a policy is
 * expected and frequent just when the system is under stress, and its stack says nothing that its operation does not.
 *
 * A limit that is no number keeps the engine from even beginning a trace, which a limit of 0 does not; what `stack` then
 * lacks, the line that loggers print, is set.
 */
export function withoutStack<E extends Error>(make: () => E, isStackWanted = false): E {
  if (isStackWanted) return make();
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = undefined as never;
  } catch {
    return make(); // frozen intrinsics (`node --frozen-intrinsics`): the error keeps its stack
  }
  try {
    const error = make();
    error.stack = `${error.name}: ${error.message}`;
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
