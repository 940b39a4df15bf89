export { BreakerBoxExceptionFilter } from './exception-filter';
export { BreakerHealthIndicator, type BreakerHealthResult } from './health-indicator';
export { BREAKER_REGISTRY, InjectRegistry } from './options';
export { BreakerBoxModule } from './module';
export type {
  BreakerBoxModuleAsyncOptions,
  BreakerBoxModuleOptions,
  BreakerBoxOptions,
  BreakerBoxOptionsFactory,
} from './options';
