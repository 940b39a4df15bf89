import { Inject, type InjectionToken, type ModuleMetadata, type OptionalFactoryDependency, type Type } from '@nestjs/common';
import { anything, constrained, isRecord, optional, options, problems, when } from '../../core/check';
import { ConfigurationError, type ConfigurationIssue } from '../../core/errors';
import { flag, fn, isRegistry } from '../../core/options';
import { configurationProblems, type ConfigurationSet } from '../../operate/configure';
import type { BreakerRegistry } from '../../registry/registry';

/** The token of the registry that the module configures. `BreakerRegistry`, the class, is another token for it. */
export const BREAKER_REGISTRY = Symbol('BREAKER_REGISTRY');

/** Injects the registry that the module configures. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(BREAKER_REGISTRY);

/** The options of breakers in an application's configuration. */
export interface BreakerBoxOptions extends ConfigurationSet {
  /** The registry to configure. @defaultValue the ambient registry: the default one, unless `withRegistry` names another */
  readonly registry?: BreakerRegistry | undefined;
}

export interface ModuleTraits {
  /** Whether the registry and the health indicator can be injected in all modules. @defaultValue true */
  readonly isGlobal?: boolean | undefined;
  /** Whether `BreakerBoxExceptionFilter` is a global filter of the application. @defaultValue true */
  readonly filter?: boolean | undefined;
}

export interface BreakerBoxModuleOptions extends BreakerBoxOptions, ModuleTraits {}

/** A provider that makes the options, for `useClass` and `useExisting`. */
export interface BreakerBoxOptionsFactory {
  createBreakerBoxOptions(): BreakerBoxOptions | Promise<BreakerBoxOptions>;
}

/** Where the options come from: one of `useFactory`, `useClass` and `useExisting`. */
export interface BreakerBoxModuleAsyncOptions extends ModuleTraits {
  /** Modules whose providers are injected. */
  readonly imports?: ModuleMetadata['imports'];
  /** The providers that `useFactory` is called with. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- its parameters are what `inject` names
  readonly useFactory?: ((...args: any[]) => BreakerBoxOptions | Promise<BreakerBoxOptions>) | undefined;
  readonly useClass?: Type<BreakerBoxOptionsFactory> | undefined;
  readonly useExisting?: InjectionToken<BreakerBoxOptionsFactory> | undefined;
}

/** Options that are checked elsewhere, or by Nest. */
const unchecked = optional(anything());

const own = {
  registry: optional(when<BreakerRegistry>(isRegistry, 'must be a BreakerRegistry')),
  defaults: unchecked,
  operations: unchecked,
};
const traits = { isGlobal: optional(flag()), filter: optional(flag()) };

const optionsSchema = options(own);
const moduleSchema = options({ ...own, ...traits });

const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;

const asyncSchema = constrained(
  options({ ...traits, imports: unchecked, inject: unchecked, useFactory: optional(fn()), useClass: unchecked, useExisting: unchecked }),
  (given, blame) => {
    const sources = SOURCES.filter((name) => given[name] !== undefined);
    if (sources.length !== 1) blame(sources[1] ?? 'useFactory', `give one of ${SOURCES.join(', ')}`);
  },
);

/** @throws {@link ConfigurationError} */
export function checkModuleOptions(given: BreakerBoxModuleOptions): void {
  refuse('BreakerBoxModule.forRoot', [...problems(moduleSchema, given), ...problemsBeneath(given)]);
}

/** @throws {@link ConfigurationError} */
export function checkAsyncOptions(given: BreakerBoxModuleAsyncOptions): void {
  refuse('BreakerBoxModule.forRootAsync', problems(asyncSchema, given));
}

/**
 * Checks what a provider made.
 *
 * @throws {@link ConfigurationError}
 */
export function checkOptions(given: BreakerBoxOptions): BreakerBoxOptions {
  refuse('the options of BreakerBoxModule', [...problems(optionsSchema, given), ...problemsBeneath(given)]);
  return given;
}

function problemsBeneath(given: BreakerBoxOptions): ConfigurationIssue[] {
  return isRecord(given) ? configurationProblems(given) : [];
}

function refuse(subject: string, issues: readonly ConfigurationIssue[]): void {
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
}
