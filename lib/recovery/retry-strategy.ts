import type { Clock } from '../core/clock';
import type { RetryConfig } from './retry-config';

/**
 * Decides whether and when a failed attempt is repeated. Attempts are counted from 0, delays are in milliseconds, and each
 * method may return a promise.
 */
export interface RetryStrategy {
  /** Whether another attempt is to follow attempt `attempt`, which failed with `error`. */
  shouldRetry(attempt: number, error: unknown, reason: RetryReason): boolean | PromiseLike<boolean>;
  /** The wait after attempt `attempt` failed; finite and ≥ 0. */
  getDelay(attempt: number, reason: RetryReason): number | PromiseLike<number>;
  /** Told how each attempt ended, before it is asked about the next one. */
  recordAttempt(success: boolean, reason?: RetryReason): void | PromiseLike<unknown>;
  /**
   * The strategy for one operation, whose state no other operation touches. A strategy with state should have it; without
   * it, one state serves all operations.
   *
   * @param config - Options of the call; the strategy's hold for what is left out.
   */
  forOperation?(name: string, config?: RetryConfig): RetryStrategy;
  /**
   * Runs one attempt, for a strategy that must decide whether it may run at all, or tell concurrent attempts apart. It
   * hears of the result here; `recordAttempt` is then not called. A rejection without running it ends the call.
   *
   * @param options - `signal`: the caller's, when there is one.
   */
  execute?<T>(attempt: () => T | PromiseLike<T>, options: { readonly signal?: AbortSignal | undefined }): PromiseLike<T>;
  /** Attempts in all. With it, a handler's recovery is followed by an attempt whatever `shouldRetry` answers. */
  readonly maxAttempts?: number | undefined;
  /** The clock that waits are measured by. @defaultValue the system's clock */
  readonly clock?: Clock | undefined;
}

/** Why an attempt failed, by its error. */
export const RetryReason = {
  NETWORK_ERROR: 'network_error',
  API_QUOTA_EXCEEDED: 'api_quota_exceeded',
  TEMPORARY_UNAVAILABLE: 'temporary_unavailable',
  RATE_LIMITED: 'rate_limited',
  DOWNLOAD_FAILED: 'download_failed',
  SERVICE_UNAVAILABLE: 'service_unavailable',
  SERVER_ERROR: 'server_error',
  RESOURCE_EXHAUSTED: 'resource_exhausted',
  TIMEOUT: 'timeout',
  UNKNOWN: 'unknown',
} as const;

export type RetryReason = (typeof RetryReason)[keyof typeof RetryReason];

/** The operation of a strategy whose methods are called directly, without `forOperation`; also a lone breaker's name. */
export const UNNAMED = 'anonymous';
