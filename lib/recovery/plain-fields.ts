import { asText, propertyOf } from '../core/thrown';
import { describeError } from './describe-error';

/**
 * A record as plain JSON: cycles, bigints and errors in it are written as words. A field that throws when it is read
 * takes no other with it.
 */
export function plainFields(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(record).map((name) => [name, plain(() => record[name])]));
}

function plain(read: () => unknown): unknown {
  try {
    const json = JSON.stringify(read(), writable()) as string | undefined;
    return json === undefined ? undefined : (JSON.parse(json) as unknown);
  } catch (thrown) {
    return `[not written: ${asText(thrown)}]`;
  }
}

/** A replacer for `JSON.stringify`. */
function writable(): (this: unknown, key: string, value: unknown) => unknown {
  /** The objects that the present one is in, the outermost first. */
  const around: unknown[] = [];
  return function (key, value) {
    // As it was: its own `toJSON`, as the errors of axios have, tells of the whole request.
    const original = propertyOf(this, key);
    if (isError(original)) return describeError(original);
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    while (around.length > 0 && around.at(-1) !== this) around.pop();
    if (around.includes(value)) return '[circular]';
    around.push(value);
    return value;
  };
}

/** One of another realm too. */
function isError(value: unknown): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
