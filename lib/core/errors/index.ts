export { BreakerBoxError, hasCode, isBreakerBoxError, isRejection, isFrom, type ErrorCode } from './breaker-box-error';
export { CircuitOpenError } from './circuit-open-error';
export { ConfigurationError, type ConfigurationIssue } from './configuration-error';
export { OperationConflictError } from './operation-conflict-error';
export { OperationTimeoutError } from './operation-timeout-error';
export { withoutStack } from './stackless';
