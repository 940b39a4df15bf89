import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { problems } from '../core/check';
import { isRecord } from '../core/options';
import type { Breaker } from '../breaker/breaker';
import { isBreaker } from '../breaker/observer';
import { configureBreaker } from '../breaker/configure';
import { liveProblems, type BreakerOptions } from '../breaker/options';
import { defaultsSchema } from '../registry/breakers';
import { configEntry, defaultsEntry, matches, withEntry } from '../registry/config';
import type { BreakerRegistry } from '../registry/registry';
import { splitRegistry } from './target';
import { isCounter, refuseCounter, type Counter } from '../registry/counter';

/** Breaker options by operation name or pattern, as a JSON file has them: `{ "Payments.*": { "failureThreshold": 3 } }`. */
export type ConfiguredOperations = Readonly<Record<string, BreakerOptions>>;

/** Options of many operations at once, as a configuration file has them. */
export interface ConfigurationSet {
  /** Breaker options beneath those of every site; not `name`, `key`, `stream`, `registry`, `allow` and `scope: 'instance'`. */
  readonly defaults?: BreakerOptions | undefined;
  /** Breaker options over those of sites, by operation name or pattern, as {@link configure} takes them. */
  readonly operations?: ConfiguredOperations | undefined;
}

/**
 * Changes breaker options live, for the next decision: of one breaker, or of the operations whose names fit a pattern, now and later. `*`
 * stands for any characters. Exact names win over patterns, later calls over earlier ones; all win over the options of sites. Nested
 * objects are replaced whole. State, and what a window still holds, are kept.
 *
 * By name or pattern: the registry is the given one, else the one of `withRegistry`, else the default one.
 *
 * @throws {@link ConfigurationError} that names every wrong option; then nothing has changed.
 */
export function configure(breaker: Breaker | Counter, options: BreakerOptions): void;
export function configure(pattern: string, options: BreakerOptions): void;
export function configure(operations: ConfiguredOperations): void;
export function configure(registry: BreakerRegistry, pattern: string, options: BreakerOptions): void;
export function configure(registry: BreakerRegistry, operations: ConfiguredOperations): void;
export function configure(...args: unknown[]): void {
  const [first] = args;
  if (isCounter(first)) refuseCounter('configure', first.name);
  if (isBreaker(first)) {
    configureBreaker(first, args[1] as BreakerOptions);
    return;
  }
  const { registry, rest } = splitRegistry(args);
  const [which, options] = rest as [string | ConfiguredOperations, BreakerOptions];
  if (typeof which === 'string') configureOperations(registry, `configure('${which}')`, [[which, options]]);
  else if (isRecord(which) && options === undefined) configureOperations(registry, 'configure', Object.entries(which), true);
  else throw new ConfigurationError('configure', [{ path: 'pattern', message: 'must be a string, or an object of breaker options by name or pattern', received: which }]);
}

type Configured = readonly (readonly [pattern: string, options: BreakerOptions])[];

function configureOperations(registry: BreakerRegistry, subject: string, configured: Configured, byPattern = false): void {
  refuse(subject, configured.flatMap(([pattern, options]) => under(byPattern ? pattern : '', liveProblems(options))));
  registry.config = configured.reduce(
    (config, [pattern, options]) => withEntry(config, configEntry(pattern, options, `configure('${pattern}')`)),
    registry.config,
  );
  refresh(registry, configured);
}

/**
 * Adds options of many operations and defaults of all: everything, or nothing. They win over earlier calls of {@link configure}, as a later one
 * would.
 *
 * @param subject - Who configures, for errors and the source of options.
 * @returns A function that removes them; what they covered is in force again then.
 * @throws {@link ConfigurationError} that names every problem; then nothing has changed.
 */
export function addConfiguration(registry: BreakerRegistry, given: ConfigurationSet, subject: string): () => void {
  refuse(subject, configurationProblems(given));
  const { defaults, operations = {} } = given;
  const owner = {};
  const configured = Object.entries(operations);
  const entries = configured.map(([pattern, options]) => configEntry(pattern, options, `${subject} operations.${pattern}`, owner));
  if (defaults !== undefined) entries.push(defaultsEntry(defaults, `${subject} defaults`, { owner }));
  registry.config = [...registry.config, ...entries];
  refresh(registry, configured);
  return () => {
    registry.config = registry.config.filter((entry) => entry.owner !== owner);
    refresh(registry, []);
  };
}

/** The problems of a configuration by itself; each path begins with `defaults` or `operations`. */
export function configurationProblems({ defaults, operations = {} }: ConfigurationSet): ConfigurationIssue[] {
  const ofDefaults = defaults === undefined ? [] : under('defaults', problems(defaultsSchema, defaults));
  if (!isRecord(operations)) {
    const message = 'must be an object of breaker options, by operation name or pattern';
    return [...ofDefaults, { path: 'operations', message, received: operations }];
  }
  return [...ofDefaults, ...Object.entries(operations).flatMap(([pattern, options]) => under(`operations.${pattern}`, liveProblems(options as BreakerOptions)))];
}

/** Lets live operations take over the registry's entries. The entries replace options that were configured for single breakers. */
function refresh({ table }: BreakerRegistry, configured: Configured): void {
  for (const operation of table) {
    operation.refresh(Object.assign({}, ...configured.filter(([pattern]) => matches(pattern, operation.name)).map(([, options]) => options)) as BreakerOptions);
  }
}

function under(parent: string, issues: readonly ConfigurationIssue[]): ConfigurationIssue[] {
  return issues.map((issue) => ({ ...issue, path: [parent, issue.path].filter((part) => part !== '').join('.') }));
}

function refuse(subject: string, issues: readonly ConfigurationIssue[]): void {
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
}
