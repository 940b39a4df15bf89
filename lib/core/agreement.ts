/**
 * Whether two sites' resolved options agree: equal values, and functions that are identical. Only plain objects and lists are values; a clock
 * is itself.
 *
 * @param bySource - Whether functions of the same source text agree too: those of one site that was evaluated twice do.
 */
export function agree(one: unknown, other: unknown, bySource = false): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === 'function' && typeof other === 'function') return bySource && sourceOf(one) === sourceOf(other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (!isValue(one) || !isValue(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => agree(field(one, name), field(other, name), bySource));
}

/** The source text of a function, whatever `toString` it has of its own; what is built in or bound has none to compare. */
export function sourceOf(fn: object): string | symbol {
  const source = Function.prototype.toString.call(fn);
  return source.endsWith('{ [native code] }') ? Symbol('native') : source;
}

function isValue(object: object): boolean {
  return Array.isArray(object) || Object.getPrototypeOf(object) === Object.prototype;
}

function field(object: object, name: string): unknown {
  return (object as Record<string, unknown>)[name];
}
