/**
 * Whether two sites' resolved options agree: equal values, and functions that are identical or have the same source, as after
 * a module was reloaded. Only plain objects and lists are values; a clock is itself.
 */
export function agree(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === 'function' && typeof other === 'function') return one.toString() === other.toString();
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (!isValue(one) || !isValue(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => agree(field(one, name), field(other, name)));
}

function isValue(object: object): boolean {
  return Array.isArray(object) || Object.getPrototypeOf(object) === Object.prototype;
}

function field(object: object, name: string): unknown {
  return (object as Record<string, unknown>)[name];
}
