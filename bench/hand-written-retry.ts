import type { Protectable } from './hand-written';

/** The retry that most programs have somewhere: a loop around an `await`, with a delay that doubles, under full jitter. */
export function handWrittenRetry<F extends Protectable>(fn: F, maxAttempts = 3, baseDelayMs = 1000): F {
  return async function (this: unknown, ...args: never[]): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fn.apply(this, args);
      } catch (error) {
        if (attempt >= maxAttempts) throw error;
        await delay(Math.random() * baseDelayMs * 2 ** (attempt - 1));
      }
    }
  } as unknown as F;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
