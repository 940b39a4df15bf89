import { PlainRejection, sameMoment, type MakeLayer } from './layer';

interface Waiter {
  readonly start: () => void;
}

export function plainBulkhead({ maxConcurrent, maxQueue, maxWait }: { maxConcurrent: number; maxQueue: number; maxWait: number }): MakeLayer {
  return (next, world) => {
    let running = 0;
    let queue: Waiter[] = [];

    const full = (reason: string): PlainRejection => {
      world.tell('bulkhead', { reason, running, queued: queue.length });
      return new PlainRejection('BREAKER_BULKHEAD_FULL');
    };

    function slot(signal: AbortSignal, deadline: number): Promise<void> {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (running < maxConcurrent) {
        running++;
        return Promise.resolve();
      }
      if (queue.length >= maxQueue) return Promise.reject(full('full'));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          queue = queue.filter((one) => one !== waiter);
          world.clock.clearTimeout(timer);
          signal.removeEventListener('abort', abort);
        };
        const abort = (): void => {
          leave();
          reject(signal.reason as Error);
        };
        const waiter = {
          start: () => {
            leave();
            running++;
            void sameMoment().then(resolve);
          },
        };
        const waitMs = Math.min(maxWait, deadline - world.clock.now());
        const timer =
          waitMs === Infinity
            ? undefined
            : world.clock.setTimeout(() => {
                leave();
                reject(full('max_wait'));
              }, waitMs);
        signal.addEventListener('abort', abort, { once: true });
        queue.push(waiter);
      });
    }

    return {
      isBlocked: () => next.isBlocked(),
      async run(call) {
        await slot(call.signal, call.deadline);
        try {
          // A slot that came with the end of another run may come with that run's abort of this one.
          if (call.signal.aborted) throw call.signal.reason;
          return await next.run(call);
        } finally {
          running--;
          if (running < maxConcurrent) queue[0]?.start();
        }
      },
    };
  };
}
