/** How many runs a property has: all of them in CI, a fifth on a developer's machine. What depends on all of them says its number itself. */
export function runs(inCi: number): number {
  return process.env['CI'] === undefined ? Math.ceil(inCi / 5) : inCi;
}
