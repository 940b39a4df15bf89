import { Dependencies, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ambientRegistry } from '../../registry/ambient-registry';
import { registry as defaultRegistry } from '../../registry/default-registry';
import { addConfiguration } from '../../operate/configure';
import { BreakerRegistry } from '../../registry/registry';
import { BreakerBoxExceptionFilter } from './exception-filter';
import { BreakerHealthIndicator } from './health-indicator';
import { BREAKER_REGISTRY } from './options';
import {
  checkAsyncOptions, checkModuleOptions, checkOptions,
  type BreakerBoxModuleAsyncOptions, type BreakerBoxModuleOptions, type BreakerBoxOptions, type BreakerBoxOptionsFactory, type ModuleTraits,
} from './options';

/** The token of the options, checked. */
const OPTIONS = Symbol('the options of BreakerBoxModule.forRoot');

/** The token of the provider that makes the options. */
const OPTIONS_FACTORY = Symbol('the options factory of BreakerBoxModule.forRootAsync');

/**
 * Configures a registry as long as the application runs: from the `onModuleInit` of this module until the application has shut
 * down. Then what was in force before is in force again; the state of breakers stays.
 */
@Module({})
@Dependencies(OPTIONS, BREAKER_REGISTRY)
export class BreakerBoxModule implements OnModuleInit, OnApplicationShutdown {
  readonly #options: BreakerBoxOptions;
  readonly #registry: BreakerRegistry;
  #removeConfiguration = (): void => undefined;

  constructor(options: BreakerBoxOptions, registry: BreakerRegistry) {
    this.#options = options;
    this.#registry = registry;
  }

  /**
   * The module with options that are known when the program is loaded.
   *
   * @throws {@link ConfigurationError} that names every problem with its path.
   */
  static forRoot(options: BreakerBoxModuleOptions = {}): DynamicModule {
    checkModuleOptions(options);
    const { isGlobal, filter, ...given } = options;
    return moduleWith({ isGlobal, filter }, { providers: [{ provide: OPTIONS, useValue: given }] });
  }

  /**
   * The module with options that a provider makes, from `ConfigService` for example. They are checked when the application
   * starts, which fails with a {@link ConfigurationError} that names every problem with its path.
   *
   * @throws {@link ConfigurationError} when it is not said where the options come from.
   */
  static forRootAsync(options: BreakerBoxModuleAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return moduleWith(options, { imports: options.imports ?? [], providers: optionsProviders(options) });
  }

  onModuleInit(): void {
    const { defaults, operations } = this.#options;
    this.#removeConfiguration = addConfiguration(this.#registry, { defaults, operations }, 'BreakerBoxModule');
  }

  onApplicationShutdown(): void {
    this.#removeConfiguration();
  }
}

const offered = [BREAKER_REGISTRY, BreakerRegistry, BreakerHealthIndicator];

function moduleWith({ isGlobal = true, filter = true }: ModuleTraits, { imports = [], providers = [] }: Partial<DynamicModule>): DynamicModule {
  return {
    module: BreakerBoxModule,
    global: isGlobal,
    imports,
    providers: [
      ...providers,
      { provide: BREAKER_REGISTRY, useFactory: registryOf, inject: [OPTIONS] },
      { provide: BreakerRegistry, useExisting: BREAKER_REGISTRY },
      BreakerHealthIndicator,
      ...(filter ? [{ provide: APP_FILTER, useClass: BreakerBoxExceptionFilter }] : []),
    ],
    exports: offered,
  };
}

const registryOf = ({ registry }: BreakerBoxOptions): BreakerRegistry => registry ?? ambientRegistry() ?? defaultRegistry;

function optionsProviders({ useFactory, inject = [], useClass, useExisting }: BreakerBoxModuleAsyncOptions): Provider[] {
  if (useFactory !== undefined) {
    return [{ provide: OPTIONS, inject, useFactory: async (...args: unknown[]) => checkOptions(await useFactory(...args)) }];
  }
  const useFactoryOf = async (factory: BreakerBoxOptionsFactory): Promise<BreakerBoxOptions> => checkOptions(await factory.createBreakerBoxOptions());
  return [
    useClass === undefined ? { provide: OPTIONS_FACTORY, useExisting } : { provide: OPTIONS_FACTORY, useClass },
    { provide: OPTIONS, inject: [OPTIONS_FACTORY], useFactory: useFactoryOf },
  ];
}
