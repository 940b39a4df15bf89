/** What one attempt of a scripted function does: gives a value, or throws an error. */
export type Step = { readonly value: unknown } | { readonly error: unknown };

export const works = (value: unknown = 'value'): Step => ({ value });
export const fails = (error: unknown = new Error('down')): Step => ({ error });

/** A function that goes through a script, the last step of which it repeats. */
export function scripted(...steps: Step[]) {
  return jest.fn(async (..._args: unknown[]): Promise<unknown> => {
    const step = steps.length > 1 ? steps.shift()! : steps[0]!;
    if ('error' in step) throw step.error;
    return step.value;
  });
}

/** A function whose calls end when the test says so. */
export function pending() {
  const calls: { resolve: (value?: unknown) => void; reject: (error: unknown) => void }[] = [];
  const fn = jest.fn(
    async (..._args: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        calls.push({ resolve, reject });
      }),
  );
  return Object.assign(fn, { calls });
}

/** What a promise was rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const value = await promise.then(
    (given) => ({ given }),
    (error: unknown) => ({ error }),
  );
  if ('error' in value) return value.error;
  throw new Error(`It was not rejected, but gave ${String(value.given)}`);
}
