import type { Operation, Protect } from '../operations';
import { ATTEMPTS, BASE_DELAY_MS, MAX_CONCURRENT, TIMEOUT_MS } from '../settings';

/** How effect protects a function that returns a promise, in a program that is not written in effects. It has no circuit breaker. */
export interface ByEffect {
  readonly retry: Protect;
  readonly timeout: Protect;
  /** Retry, timeout, and a semaphore for the bulkhead. A full semaphore makes its callers wait, a full bulkhead rejects them. */
  readonly stack: Protect;
}

/** By `import()`, which runs the modules as they were published: tsx compiles anew what it has to `require`. */
export async function byEffect(): Promise<ByEffect> {
  const [Effect, Schedule, Semaphore] = await Promise.all([import('effect/Effect'), import('effect/Schedule'), import('effect/Semaphore')]);
  const run = (operation: Operation, id: number) => Effect.tryPromise(() => operation(id));
  const retrying = () => ({ schedule: Schedule.exponential(BASE_DELAY_MS).pipe(Schedule.jittered), times: ATTEMPTS - 1 });
  return {
    retry(operation) {
      const retry = Effect.retry(retrying());
      return (id) => Effect.runPromise(run(operation, id).pipe(retry));
    },
    timeout(operation) {
      const timeout = Effect.timeout(TIMEOUT_MS);
      return (id) => Effect.runPromise(run(operation, id).pipe(timeout));
    },
    stack(operation) {
      const timeout = Effect.timeout(TIMEOUT_MS);
      const bulkhead = Semaphore.makeUnsafe(MAX_CONCURRENT).withPermits(1);
      const retry = Effect.retry(retrying());
      return (id) => Effect.runPromise(run(operation, id).pipe(timeout, bulkhead, retry));
    },
  };
}
