export { Bulkhead } from './bulkhead/policy';
export { Cache } from './cache/policy';
export { Chaos } from './chaos/policy';
export { CircuitBreaker } from './breaker/policy';
export { Fallback } from './fallback/policy';
export { Hedge } from './hedge/policy';
export { protect, type MethodPolicies, type ProtectableClass } from './protect/protect-class';
export { RateLimit } from './rate-limit/policy';
export { Resilient } from './protect/policies';
export { Retry, retry, withRetry } from './retry/policy';
export { Throttle } from './throttle/policy';
export type { BarePolicyDecorator, FallbackDecorator, PolicyDecorator, ResilientDecorator } from './protect/decorator-types';

export { withBreaker } from './breaker/policy';
export { withBreakerSync } from './breaker/with-breaker-sync';
export { withPipeline } from './protect/with-pipeline';
export { withPolicies } from './protect/policies';
export type { AsyncFunction, ProtectedFunction } from './protect/wrapper-types';

export { circuitBreaker } from './breaker/policy';
export { Timeout, timeout } from './timeout/policy';
export type { TimeoutOptions } from './timeout/options';
export { bulkhead } from './bulkhead/policy';
export type { AdaptiveBounds, AimdOptions, BulkheadOptions, GradientOptions } from './bulkhead/options';
export type { BulkheadEvent, BulkheadEvents, LimitEvent } from './bulkhead/slots';
export { rateLimit } from './rate-limit/policy';
export type { RateLimitOptions } from './rate-limit/options';
export type { RateLimitEvent, RateLimitEvents } from './rate-limit/rate-limiter';
export { throttle } from './throttle/policy';
export type { ThrottleOptions } from './throttle/options';
export type { ThrottleEvent, ThrottleEvents } from './throttle/shedding';
export { cache } from './cache/policy';
export type { CacheOptions } from './cache/options';
export type { CacheEvent, CacheEvents } from './cache/cache';
export { hedge } from './hedge/policy';
export type { HedgeOptions, QuantileDelay } from './hedge/options';
export type { HedgeEvent, HedgeEvents } from './hedge/race';
export { fallback, type FallbackPolicy } from './fallback/policy';
export type { FallbackFunction, FallbackOptions } from './fallback/options';
export type { FallbackEvent, FallbackEvents } from './fallback/fallback';
export { chaos } from './chaos/policy';
export type { ChaosOptions } from './chaos/options';
export type { ChaosEvent, ChaosEvents } from './chaos/chaos';
export { customPolicy, type PolicyContext } from './protect/custom-policy';
export { Refusal, type Allowance, type Driver, type Guard, type Permit, type Policy, type Recover, type Run } from './core/policy';
export { Rejection } from './core/run';
export { cacheOf, type CachedResults } from './cache/cache-of';
export { describePipeline } from './protect/describe-pipeline';
export { getPolicies } from './protect/describe-pipeline';
export type { PolicyOptions } from './protect/policies';
export type { PolicyInfo, Protection } from './protect/wrapper';
export { currentCall, enableCallContext, type Args, type Call, type CurrentCall } from './core/call';
export { callWith, type CallWithOptions } from './core/call-with';

export { Breaker } from './breaker/breaker';
export type { BreakerStats } from './breaker/stats';
export type { BreakerOptions, WindowOptions, WindowRates } from './breaker/options';
export type {
  AttemptEvent,
  BreakerEvents,
  BreakerState,
  LateEvent,
  Outage,
  OverrideEvent,
  OverrideKind,
  RejectEvent,
  TransitionEvent,
} from './breaker/events';
export type { Permit as BreakerPermit } from './breaker/permit';
export type { TransitionReason } from './breaker/reasons';
export type { Observer } from './core/observers';
export type { BreakerObserver, Transition } from './breaker/observer';
export type { ReadyOptions } from './breaker/ready';
export type { State } from './breaker/states';
export type { TripCounts, TripRule, TripRuleFactory, TripStats } from './breaker/trip-rules';

export type { BackoffName, CustomBackoff, CustomBackoffContext, RespectRetryAfter, RetryAfterReader, RetryNotice, RetryOptions } from './retry/options';
export { attemptErrorsOf, attemptsOf } from './retry/attempts';
export { RetryBudget, type RetryBudgetOptions } from './retry/budget';
export { retryBudget, type WithPlainBudget } from './retry/shared-budget';
export type { RetryBudgetSource } from './retry/budget-source';
export type { RetryEvent, RetryEvents } from './retry/retrying-call';
export type { TimeoutEvent, TimeoutEvents } from './timeout/timeout';
export type { Jitter } from './retry/backoff';

export { BreakerRegistry, type RegistryOptions } from './registry/registry';
export { breakerOf } from './registry/breaker-of';
export type { Counter } from './registry/counter';
export { registry } from './registry/default-registry';
export { withRegistry } from './registry/ambient-registry';
export type { AttemptEndEvent, CallEvent, RegistrationEvent, RegistryEvents, StoreEvent } from './registry/events';

export { BreakerBoxError, type BreakerBoxErrorJson, ConfigurationError, isBreakerBoxError, OperationConflictError, type ConfigurationIssue, type ErrorCode } from './core/errors';
export { BulkheadFullError } from './bulkhead/bulkhead-full-error';
export { CircuitOpenError } from './breaker/circuit-open-error';
export { OperationTimeoutError } from './timeout/operation-timeout-error';
export { RateLimitedError } from './rate-limit/rate-limited-error';
export { ThrottledError } from './throttle/throttled-error';
export type { AttemptKind } from './core/call';
export type { Clock } from './core/clock';
export type { Duration } from './core/options';
export { duration } from './core/parse-duration';
export type { BaseEvent, PolicyEvent } from './core/observers';
export type { FindingCode } from './core/lint-rule';
export type { ErrorClass, ErrorMatcher } from './core/outcome';
export type { CommonOptions, RegistryRef } from './core/options';
export type { Classify, Outcome, OutcomeOptions, Settled } from './core/outcome';
export type { Random } from './core/random';
