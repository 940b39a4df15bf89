export { configure, type ConfiguredOperations } from './configure';
export { breakerHealth, type BreakerHealth, type HealthOptions, type OperationHealth } from './health';
export { logTransitions, type TransitionLogger, type TransitionLogOptions } from './log-transitions';
export { clearOverride, disable, forceOpen, shadow, type ClearOverride, type SetOverride } from './override';
export { restore, snapshot, type RegistrySnapshot } from './snapshot';
export type { FleetOverrideOptions, OverrideOptions } from '../breaker/override';
export type { BreakerSnapshot } from '../breaker/snapshot';
