/**
 * Makes an error without its stack trace, unless that is wanted (`rejectionStacks`): it is most of the cost of an error. A rejection by a policy is
 * expected and frequent just when the system is under stress, and its stack says nothing that its operation does not.
 *
 * A limit that is no number keeps the engine from even beginning a trace, which a limit of 0 does not; what `stack` then
 * lacks, the line that loggers print, is set.
 */
export function withoutStack<E extends Error>(make: () => E, isStackWanted = false): E {
  if (isStackWanted) return make();
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = undefined as never;
  } catch {
    return make(); // frozen intrinsics (`node --frozen-intrinsics`): the error keeps its stack
  }
  try {
    const error = make();
    error.stack = `${error.name}: ${error.message}`;
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
