import type { BaseEvent } from '../../core/events';

/** A call was over the rate limit, and rejected. */
export interface RateLimitEvent extends BaseEvent {
  readonly type: 'rateLimit';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds until a call can be let through. */
  readonly retryAfter: number;
}

export type RateLimitEvents = { rateLimit: RateLimitEvent };
