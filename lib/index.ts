export { Bulkhead } from './decorators/bulkhead';
export { Cache } from './decorators/cache';
export { Chaos } from './decorators/chaos';
export { CircuitBreaker } from './decorators/circuit-breaker';
export { Fallback } from './decorators/fallback';
export { Hedge } from './decorators/hedge';
export { protect, type MethodPolicies, type ProtectableClass } from './decorators/protect-class';
export { RateLimit } from './decorators/rate-limit';
export { Resilient } from './decorators/resilient';
export { Retry } from './decorators/retry';
export { Throttle } from './decorators/throttle';
export { Timeout } from './decorators/timeout';
export type { BarePolicyDecorator, FallbackDecorator, PolicyDecorator, ResilientDecorator } from './decorators/types';

export { withBreaker } from './wrap/with-breaker';
export { withBreakerSync } from './wrap/with-breaker-sync';
export { withPolicies } from './wrap/with-policies';
export { withRetry } from './wrap/with-retry';
export type { AsyncFunction, ProtectedFunction } from './wrap/types';

export { circuitBreaker } from './policies/circuit-breaker/policy';
export { retry } from './policies/retry/policy';
export { timeout } from './policies/timeout/policy';
export type { TimeoutOptions } from './policies/timeout/options';
export { bulkhead } from './policies/bulkhead/policy';
export type { AdaptiveBounds, AimdOptions, BulkheadOptions, GradientOptions } from './policies/bulkhead/options';
export type { BulkheadEvent, BulkheadEvents, LimitEvent } from './policies/bulkhead/events';
export { rateLimit } from './policies/rate-limit/policy';
export type { RateLimitOptions } from './policies/rate-limit/options';
export type { RateLimitEvent, RateLimitEvents } from './policies/rate-limit/events';
export { throttle } from './policies/throttle/policy';
export type { ThrottleOptions } from './policies/throttle/options';
export type { ThrottleEvent, ThrottleEvents } from './policies/throttle/events';
export { cache } from './policies/cache/policy';
export type { CacheOptions } from './policies/cache/options';
export type { CacheEvent, CacheEvents } from './policies/cache/events';
export { hedge } from './policies/hedge/policy';
export type { HedgeOptions, QuantileDelay } from './policies/hedge/options';
export type { HedgeEvent, HedgeEvents } from './policies/hedge/events';
export { fallback, type FallbackPolicy } from './policies/fallback/policy';
export type { FallbackFunction, FallbackOptions } from './policies/fallback/options';
export type { FallbackEvent, FallbackEvents } from './policies/fallback/events';
export { chaos } from './policies/chaos/policy';
export type { ChaosOptions } from './policies/chaos/options';
export type { ChaosEvent, ChaosEvents } from './policies/chaos/events';
export type { Policy } from './core/policy';
export { cacheOf, type CachedResults } from './pipeline/cache-of';
export { describePipeline } from './pipeline/describe-pipeline';
export { getPolicies } from './pipeline/get-policies';
export type { PolicyOptions } from './pipeline/policy-options';
export type { PolicyInfo, Protection } from './pipeline/dress';
export { presets } from './presets/presets';
export type { BudgetPresetOptions } from './presets/budget-name';
export { httpFailure } from './presets/http-failure';
export { fetchWith } from './fetch/fetch-with';
export type { FetchOptions } from './fetch/options';
export { httpErrorOf, type HttpError, type HttpErrorBody } from './http/http-error';
export { breakerHealth, type BreakerHealth, type HealthOptions, type OperationHealth } from './observe/breaker-health';
export { logTransitions, type TransitionLogger, type TransitionLogOptions } from './observe/log-transitions';
export { currentCall, enableCallContext, type CurrentCall } from './core/call';

export { Breaker } from './policies/circuit-breaker/breaker';
export type { BreakerStats } from './policies/circuit-breaker/stats';
export type { BreakerOptions, WindowOptions, WindowRates } from './policies/circuit-breaker/options';
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
  TransitionReason,
} from './policies/circuit-breaker/events';
export type { OverrideOptions } from './policies/circuit-breaker/override';
export type { Permit } from './policies/circuit-breaker/admission';
export type { BreakerSnapshot } from './policies/circuit-breaker/snapshot';

export type { BackoffName, CustomBackoff, CustomBackoffContext, RespectRetryAfter, RetryAfterReader, RetryNotice, RetryOptions } from './policies/retry/options';
export { attemptErrorsOf, attemptsOf } from './policies/retry/attempts';
export { RetryBudget } from './budget/retry-budget';
export type { RetryBudgetOptions } from './budget/budget-options';
export type { RetryEvent, RetryEvents } from './policies/retry/runner';
export type { TimeoutEvent, TimeoutEvents } from './policies/timeout/events';
export type { Jitter } from './backoff/jitter';

export { BreakerRegistry, type RegistryOptions, type RegistrySnapshot } from './registry/registry';
export { registry } from './registry/default-registry';
export { withRegistry } from './registry/ambient-registry';
export type { AttemptEndEvent, CallEvent, RegistrationEvent, RegistryEvents, StoreEvent } from './registry/events';

export {
  BreakerBoxError,
  type BreakerBoxErrorJson,
  BulkheadFullError,
  CircuitOpenError,
  ConfigurationError,
  isBreakerBoxError,
  OperationConflictError,
  OperationTimeoutError,
  RateLimitedError,
  ThrottledError,
  type ConfigurationIssue,
  type ErrorCode,
} from './core/errors';
export type { AttemptKind } from './core/watch';
export type { Clock } from './core/clock';
export type { Duration } from './core/duration';
export { duration } from './core/parse-duration';
export type { BaseEvent, PolicyEvent } from './core/events';
export type { FindingCode } from './core/finding-codes';
export type { ErrorClass, ErrorMatcher } from './core/matcher';
export type { CommonOptions, RegistryRef } from './core/options';
export type { Classify, Outcome, OutcomeOptions, Settled } from './core/outcome';
export type { Random } from './core/random';

export { AdaptiveStrategy, type AdaptiveConfig } from './recovery/adaptive-strategy';
export { BasicErrorReporter, type BasicErrorReporterOptions } from './recovery/basic-error-reporter';
export { CircuitBreakerStrategy } from './recovery/circuit-breaker-strategy';
export type { ErrorContext } from './recovery/error-context';
export { ErrorRecoveryManager, type ActiveRecovery, type ErrorRecoveryOptions } from './recovery/error-recovery-manager';
export type { ErrorReport, ErrorReporter, ErrorSummary, ReportedError } from './recovery/error-reporter';
export { ErrorSeverity } from './recovery/error-severity';
export { ExponentialBackoffStrategy } from './recovery/exponential-backoff-strategy';
export { FixedDelayStrategy } from './recovery/fixed-delay-strategy';
export type { CallConfig, RetryConfig } from './recovery/retry-config';
export { RetryReason } from './recovery/retry-reason';
export type { RetryStrategy } from './recovery/retry-strategy';
export type { ServiceErrorHandler } from './recovery/service-error-handler';
export type { StrategyInjection } from './recovery/strategy-injection';
