import type { Loose, Protectable } from './hand-written';

/** The timeout that most programs have somewhere: a race against a timer, which is cleared at the end. */
export function handWrittenTimeout<F extends Protectable>(fn: F, timeoutMs: number): F {
  return function (this: unknown, ...args: unknown[]): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Took longer than ${timeoutMs} ms`));
      }, timeoutMs);
    });
    return Promise.race([start(fn as unknown as Loose, this, args), late]).finally(() => {
      clearTimeout(timer);
    });
  } as unknown as F;
}

/** A synchronous throw equals a rejection. By `Reflect.apply`, since `fn.apply` is a property, to be looked up at every call. */
function start(fn: Loose, self: unknown, args: unknown[]): Promise<unknown> {
  try {
    return Reflect.apply(fn, self, args);
  } catch (error) {
    return Promise.reject(error);
  }
}
