/** Anything can be thrown, also what cannot be read or made a string: these look at it without throwing themselves. */

/** A property of anything at all; undefined where it has none, or where reading it throws, as on a revoked proxy. */
export function propertyOf(value: unknown, name: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** Anything as text. An object without a prototype, for one, has none of its own. */
export function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without a text';
  }
}

/** What was thrown as a name and a message. */
export function describeThrown(thrown: unknown): { name: string; message: string } {
  const name = propertyOf(thrown, 'name');
  const message = propertyOf(thrown, 'message');
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : asText(thrown),
  };
}
