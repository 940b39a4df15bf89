/** How an attempt failed: by an error, or by a value that `handleResult` refused. */
export type Failure = { readonly error: unknown } | { readonly error?: undefined; readonly value: unknown };

/** What an attempt failed with. */
export function whatOf(failure: Failure): unknown {
  return 'value' in failure ? failure.value : failure.error;
}
