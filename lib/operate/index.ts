export { breakerHealth, type BreakerHealth, type HealthOptions, type OperationHealth } from './health';
export { logTransitions, type TransitionLogger, type TransitionLogOptions } from './log-transitions';
