import { hasCode, isAbort, isRejection, pause, type MakeLayer } from './layer';

export function plainRetry({ maxAttempts, baseDelay }: { maxAttempts: number; baseDelay: number }): MakeLayer {
  return (next, world) => ({
    isBlocked: () => next.isBlocked(),
    async run(call) {
      const { signal } = call;
      let original: unknown;
      for (let attempt = 1; ; attempt++) {
        if (signal.aborted) throw signal.reason;
        try {
          return await next.run({ ...call, attempt });
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          // The open circuit is no attempt: what the function failed with before is what the caller learns.
          if (hasCode(error, 'BREAKER_OPEN')) throw attempt === 1 ? error : original;
          original = error;
          if (!isRepeated(error, attempt) || next.isBlocked()) throw error;
          const delay = baseDelay * 2 ** (attempt - 1);
          if (world.clock.now() + delay > call.deadline) throw error;
          world.tell('retry', { attempt, delay });
          await pause(delay, world, signal);
        }
      }
    },
  });

  function isRepeated(error: unknown, attempt: number): boolean {
    return attempt < maxAttempts && !isAbort(error) && !isRejection(error);
  }
}
