const attempts = new WeakMap<object, number>();

/** Notes how many attempts a call had made when it was given up with `error`. */
export function noteAttempts(error: unknown, count: number): void {
  if (typeof error === 'object' && error !== null) attempts.set(error, count);
}

/** How many attempts were made before a retried call was given up with this error; undefined for other errors. */
export function attemptsOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null ? attempts.get(error) : undefined;
}
