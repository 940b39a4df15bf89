/**
 * Whether two sites' resolved options agree: equal values, and functions that are identical. Only plain objects and lists are values; a clock
 * is itself.
 *
 * @param bySource - Whether functions of the same source text agree too: those of one site that was evaluated twice do.
 */
export function sameOptions(one: unknown, other: unknown, bySource = false): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one === 'function' && typeof other === 'function') return bySource && sourceOf(one) === sourceOf(other);
  const prototype = prototypeOf(one);
  if ((prototype !== Object.prototype && prototype !== Array.prototype) || prototype !== prototypeOf(other)) return false;
  const [here, there] = [one, other] as Readonly<Record<string, unknown>>[];
  return Object.keys({ ...here, ...there }).every((name) => sameOptions(here![name], there![name], bySource));
}

function prototypeOf(value: unknown): unknown {
  return Object.getPrototypeOf(value ?? 0);
}

/** The source text of a function, whatever `toString` it has of its own; what is built in or bound has none to compare. */
export function sourceOf(fn: object): string | symbol {
  const source = Function.prototype.toString.call(fn);
  return source.endsWith('{ [native code] }') ? Symbol('native') : source;
}
