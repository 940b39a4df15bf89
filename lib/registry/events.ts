import type { BaseEvent, EventTypes } from '../core/observers';
import type { Outcome } from '../core/outcome';
import type { AttemptKind } from '../core/call';
import { BREAKER_EVENTS, type BreakerEvents, type BreakerState } from '../breaker/events';
import type { RetryEvents } from '../retry/retrying-call';
import type { TimeoutEvents } from '../timeout/timeout';
import type { BulkheadEvents } from '../bulkhead/slots';
import type { RateLimitEvents } from '../rate-limit/rate-limiter';
import type { ThrottleEvents } from '../throttle/shedding';
import type { CacheEvents } from '../cache/cache';
import type { HedgeEvents } from '../hedge/race';
import type { FallbackEvents } from '../fallback/fallback';
import type { ChaosEvents } from '../chaos/chaos';

/** An operation was registered, or has left. */
export interface RegistrationEvent<T extends 'register' | 'remove'> extends BaseEvent {
  readonly type: T;
}

/** A call of a protected function has ended. */
export interface CallEvent extends BaseEvent {
  readonly type: 'call';
  readonly callId: number;
  /** Milliseconds from the call to its end, waits included. */
  readonly duration: number;
  /** `rejected`: a policy did not let it run. */
  readonly outcome: 'success' | 'failure' | 'rejected';
  readonly error?: unknown;
  /** What the breaker counted its last attempt as; `ignored` too where the caller left before any; absent when none counted, and when a fallback answered in its place. */
  readonly counted?: Outcome | 'late';
  /** The state its last attempt, or its rejection by the breaker, left that in; absent when it did not come to the breaker. */
  readonly state?: BreakerState;
}

/** The function has run once. */
export interface AttemptEndEvent extends BaseEvent {
  readonly type: 'attempt';
  readonly callId: number;
  /** From 1. */
  readonly attempt: number;
  /** Why it ran. Where a hedge or a retry makes a probe, it is a probe. */
  readonly kind: AttemptKind;
  readonly duration: number;
  readonly outcome: 'success' | 'failure';
  readonly error?: unknown;
}

/** Processes that share breakers have lost their store, or have it again. */
export interface StoreEvent extends BaseEvent {
  readonly type: 'store';
  /** The breaker whose record cannot be used, or can again; `''`: the store as a whole. */
  readonly operation: string;
  /** `down`: each process goes on with its own breakers. */
  readonly health: 'up' | 'down';
  /** The shards of the store that are out of reach, where others can be reached: only their breakers go on by themselves. Absent else. */
  readonly shards?: readonly string[];
  /** What is wrong. */
  readonly error?: unknown;
}

/** The events of a registry: those of all its breakers and pipelines. */
export type RegistryEvents = BreakerEvents &
  RetryEvents &
  TimeoutEvents &
  BulkheadEvents &
  RateLimitEvents &
  ThrottleEvents &
  CacheEvents &
  HedgeEvents &
  FallbackEvents &
  ChaosEvents & {
    register: RegistrationEvent<'register'>;
    remove: RegistrationEvent<'remove'>;
    call: CallEvent;
    attempt: AttemptEndEvent;
    store: StoreEvent;
  };

/** While nobody listens to a hot one, calls take the short way. */
export const REGISTRY_EVENTS: EventTypes<RegistryEvents> = {
  ...BREAKER_EVENTS,
  register: false,
  remove: false,
  call: true,
  attempt: true,
  store: false,
  retry: false,
  timeout: false,
  bulkhead: false,
  limit: false,
  rateLimit: false,
  throttle: false,
  cache: false,
  hedge: false,
  fallback: false,
  chaos: false,
};
