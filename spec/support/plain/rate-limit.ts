import { PlainRejection, type MakeLayer } from './layer';

interface Options {
  readonly limit: number;
  readonly interval: number;
  readonly burst: number;
  readonly maxWait: number;
}

export function plainRateLimit({ limit, interval, burst, maxWait }: Options): MakeLayer {
  return (next, world) => {
    let tokens = burst;
    let refilledAt = world.clock.now();
    let queue: (() => void)[] = [];
    let timer: number | undefined;

    const msPerToken = interval / limit;
    const refill = (): void => {
      const now = world.clock.now();
      tokens = Math.min(burst, tokens + (now - refilledAt) / msPerToken);
      if (Math.abs(tokens - Math.round(tokens)) < 1e-9) tokens = Math.round(tokens);
      refilledAt = now;
    };
    const serve = (): void => {
      refill();
      while (queue.length > 0 && tokens >= 1) {
        tokens--;
        queue.shift()!();
      }
      if (timer !== undefined) world.clock.clearTimeout(timer);
      timer = queue.length === 0 ? undefined : world.clock.setTimeout(serve, (1 - tokens) * msPerToken);
    };

    function turn(signal: AbortSignal, deadline: number): Promise<void> {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      refill();
      if (queue.length === 0 && tokens >= 1) {
        tokens--;
        return Promise.resolve();
      }
      const waitMs = (queue.length + 1 - tokens) * msPerToken;
      if (waitMs > maxWait || world.clock.now() + waitMs > deadline) {
        world.tell('rateLimit', { retryAfter: waitMs });
        return Promise.reject(new PlainRejection('BREAKER_RATE_LIMITED'));
      }
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          queue = queue.filter((one) => one !== start);
          serve();
          reject(signal.reason as Error);
        };
        const start = (): void => {
          signal.removeEventListener('abort', abort);
          resolve();
        };
        signal.addEventListener('abort', abort, { once: true });
        queue.push(start);
        serve();
      });
    }

    return {
      isBlocked: () => next.isBlocked(),
      async run(call) {
        await turn(call.signal, call.deadline);
        return next.run(call);
      },
    };
  };
}
