/** Fails a check unless some parts of what was answered are as expected. */
export function expectThat(what: string, actual: object, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const given = shown((actual as Record<string, unknown>)[name]);
    if (given !== shown(value)) throw new Error(`${what}: ${name} should be ${shown(value)}, and is ${given}`);
  }
}

export function expectTrue(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** The same text for values that are alike: keys in order, what is undefined left out. */
function shown(value: unknown): string {
  return String(JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part)));
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
