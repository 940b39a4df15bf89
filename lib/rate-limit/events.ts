import type { PolicyEvent } from '../core/events';

/** A call was over the rate limit, and rejected. */
export interface RateLimitEvent extends PolicyEvent<'rateLimit'> {
  /** Milliseconds until a call can be let through. */
  readonly retryAfter: number;
}

export type RateLimitEvents = { rateLimit: RateLimitEvent };
