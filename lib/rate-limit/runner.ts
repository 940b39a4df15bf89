import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { remainingMs } from '../core/deadline';
import { RateLimitedError, withoutStack } from '../core/errors';
import type { StateSource } from '../core/partitions';
import type { PolicySink } from '../core/policy';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { tell } from '../core/tell';
import type { RateLimitEvent } from './events';
import type { RateLimiter } from './rate-limiter';

/** Lets calls through at a limited rate; those whose turn comes soon enough wait for it. */
export class RateLimitRunner implements Runner {
  constructor(
    private readonly source: StateSource<RateLimiter>,
    private readonly maxWaitMs: number,
    private readonly clock: Clock,
    private readonly next: Runner,
    private readonly sink: PolicySink,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return rejected(cancellation.reason, onFailure);
    let limiter: RateLimiter;
    try {
      limiter = this.source.stateFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    const waitMs = limiter.take();
    if (waitMs === 0) return this.next.run(call, self, args, onSuccess, onFailure);
    if (waitMs > this.maxWaitMs || waitMs > remainingMs(call.limit)) {
      return rejected(this.#reject(call, limiter.key, waitMs), onFailure);
    }
    return limiter.turn(cancellation).then(() => {
      // Between the turn and this reaction the caller may have left.
      if (cancellation?.aborted === true) return rejected(cancellation.reason, onFailure);
      return this.next.run(call, self, args, onSuccess, onFailure);
    }, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  #reject(call: Call, key: string | undefined, retryAfter: number): RateLimitedError {
    tell<RateLimitEvent>(this.sink, 'rateLimit', this.clock, call, { retryAfter }, key);
    return withoutStack(() => new RateLimitedError(call.operation, retryAfter, key));
  }
}
