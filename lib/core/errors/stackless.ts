/**
 * Makes an error without its stack trace, which is most of the cost of an error. A rejection by a policy is
 * expected and frequent just when the system is under stress, and its stack says nothing that its operation does not.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
  } catch {
    return make(); // frozen intrinsics (`node --frozen-intrinsics`): the error keeps its stack
  }
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
