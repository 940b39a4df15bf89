/** Milliseconds by a clock that all processes of a machine have in common, and that nobody sets. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
