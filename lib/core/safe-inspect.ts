/** Anything can be thrown, also what cannot be read or made a string: these look at it without throwing themselves. */

/** A property of anything at all; undefined where it has none, or where reading it throws, as on a revoked proxy. */
export function propertyOf(value: unknown, name: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** The name of a function or class; `''` where it has none, or where that is no text: a static member may be called `name`. */
export function nameOf(fn: unknown): string {
  const name = typeof fn === 'function' ? propertyOf(fn, 'name') : undefined;
  return typeof name === 'string' ? name : '';
}

/** Anything as text. An object without a prototype, for one, has none of its own. */
export function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without a text';
  }
}

/** An error as logs and JSON show it. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  /** The HTTP status. */
  readonly status?: number;
}

/**
 * Name, message, code and status of anything that was thrown, and nothing else of it: an HTTP client puts the whole request on its errors, credentials included. A long message is cut, for it
 * may be the page of a proxy.
 */
export function describeThrown(thrown: unknown): DescribedError {
  const [name, message, code] = ['name', 'message', 'code'].map((field) => propertyOf(thrown, field));
  const status = statusOf(thrown);
  return {
    name: typeof name === 'string' ? cut(name, 100) : 'Error',
    message: cut(typeof message === 'string' ? message : isObject(thrown) ? 'an object without a message' : asText(thrown), 1000),
    ...(typeof code === 'string' ? { code: cut(code, 100) } : typeof code === 'number' && { code }),
    ...(status !== undefined && { status }),
  };
}

/** It may become a text by all that is in it, as a buffer does, so only its `message` is shown. */
function isObject(thrown: unknown): boolean {
  return Object(thrown) === thrown;
}

/** The places where clients put an HTTP status: `status` (`fetch`, axios) or `statusCode` (Node, got, the AI SDK), or either of a `response`. */
export function statusFieldsOf(subject: unknown): unknown[] {
  const response = propertyOf(subject, 'response');
  return [subject, response].flatMap((one) => [propertyOf(one, 'status'), propertyOf(one, 'statusCode')]);
}

/** The HTTP status of an error, a response, or an error that has one. */
export function statusOf(thrown: unknown): number | undefined {
  return statusFieldsOf(thrown).find((field) => typeof field === 'number');
}

/** A text, or as much of it as is allowed. */
export function cut(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 3)}...`;
}

/** An error and its causes, the outermost first; a cycle ends at its beginning. */
export function causeChain(error: unknown, most: number): unknown[] {
  const causes: unknown[] = [];
  for (let cause = error; cause !== undefined && cause !== null && causes.length < most && !causes.includes(cause); cause = propertyOf(cause, 'cause')) {
    causes.push(cause);
  }
  return causes;
}

/** Whether a value is a class: a function that cannot be called without `new`. */
export function isClass(value: unknown): boolean {
  // A method may be named so: `class() {}`.
  return typeof value === 'function' && /^class\b(?!\s*\()/.test(Function.prototype.toString.call(value));
}

/** Whether a value is read once, and then used up: a stream of the web or of Node, or what an async generator gave. */
export function isOneShot(value: unknown): boolean {
  return typeof propertyOf(value, 'getReader') === 'function' || typeof propertyOf(value, Symbol.asyncIterator) === 'function';
}

/** A value in short, the same in every run: plain data in full, functions and objects of a class by name, other objects with methods as `object`. */
export function valueText(value: unknown): string {
  if (!__DEV__) return typeof value;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `${isClass(value) ? 'class' : 'function'} ${nameOf(value)}`.trimEnd();
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const { constructor } = value;
  if (typeof constructor === 'function' && constructor !== Object) return nameOf(constructor);
  if (Object.values(value).some((part) => typeof part === 'function')) return 'object';
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([name, part]) => `${name}: ${valueText(part)}`).join(', ')} }`;
}

/**
 * Says what was given where a function must be, when that tells of a frequent mistake: as the end of a message, `''` when
 * there is nothing to add. Most often the function was called: `withBreaker(fetchUser())`.
 */
export function hintAtNoFunction(given: unknown): string {
  if (!__DEV__) return '';
  if (typeof given === 'function') return isClass(given) ? '; a class was given: protect(Class, { method: { ... } }) protects its methods' : '';
  if (typeof given !== 'object') return '';
  if (typeof propertyOf(given, 'then') === 'function') return '; a promise was given, not a function: pass the function itself, without calling it';
  if (isOneShot(given)) return '; a stream was given, not a function: pass the function itself, without calling it';
  if (typeof propertyOf(given, 'default') === 'function') return '; a module was given, not a function: pass its default export';
  return '';
}
