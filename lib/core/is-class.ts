/** Whether a value is a class: a function that cannot be called without `new`. */
export function isClass(value: unknown): boolean {
  // A method may be named so: `class() {}`.
  return typeof value === 'function' && /^class\b(?!\s*\()/.test(Function.prototype.toString.call(value));
}
