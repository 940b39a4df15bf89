export { BreakerBoxError, hasCode, isBreakerBoxError, isRejection, isFrom, type BreakerBoxErrorJson, type ErrorCode } from './breaker-box-error';
export { BulkheadFullError } from './bulkhead-full-error';
export { CircuitOpenError } from './circuit-open-error';
export { ConfigurationError, isConfigurationError, type ConfigurationIssue } from './configuration-error';
export { OperationConflictError } from './operation-conflict-error';
export { OperationTimeoutError } from './operation-timeout-error';
export { RateLimitedError } from './rate-limited-error';
export { ThrottledError } from './throttled-error';
export { withoutStack } from './stackless';
