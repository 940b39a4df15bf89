import { start, type Loose, type Protectable } from './hand-written';

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
