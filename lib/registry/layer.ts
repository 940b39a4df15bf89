import { ConfigurationError, type ConfigurationIssue } from '../core/errors';
import { constrained, isRecord } from '../core/check';
import { copyOptions } from '../core/options';
import { levelProblems, levelSchema, liveProblems, type BreakerOptions } from '../breaker/options';

/** Options of many operations at once, as a configuration file has them. */
export interface LayerOptions {
  /** Breaker options beneath those of every site; not `name`, `key`, `stream`, `registry`, `allow` and `scope: 'instance'`. */
  readonly defaults?: BreakerOptions | undefined;
  /** Breaker options over those of sites, by operation name or pattern, as `registry.configure` takes them. */
  readonly operations?: Readonly<Record<string, BreakerOptions>> | undefined;
}

/** What tells operations apart, and where they are, cannot be the same for all of them. */
export const defaultsSchema = constrained(levelSchema, (given, blame) => {
  for (const name of ['name', 'key', 'stream', 'registry', 'allow'] as const) {
    if (given[name] !== undefined) blame(name, 'is said where a function is protected, and cannot be a default');
  }
  if (given.scope === 'instance') blame('scope', "'instance' is said where a method is protected, and cannot be a default");
});

/** Everything that is wrong with the options of a layer by themselves; each path begins with `defaults` or `operations`. */
export function layerProblems({ defaults, operations = {} }: LayerOptions): ConfigurationIssue[] {
  const ofDefaults = defaults === undefined ? [] : beneath('defaults', levelProblems(defaults, defaultsSchema));
  if (!isRecord(operations)) {
    const message = 'must be an object of breaker options, by operation name or pattern';
    return [...ofDefaults, { path: 'operations', message, received: operations }];
  }
  const ofOperations = Object.entries(operations).map(([pattern, options]) => beneath(`operations.${pattern}`, liveProblems(options)));
  return [...ofDefaults, ...ofOperations.flat()];
}

function beneath(parent: string, issues: readonly ConfigurationIssue[]): ConfigurationIssue[] {
  return issues.map((issue) => ({ ...issue, path: issue.path === '' ? parent : `${parent}.${issue.path}` }));
}

/** Options that were laid over a registry together, and can be taken back together. */
export class Layer {
  readonly defaults: BreakerOptions | undefined;
  readonly operations: readonly (readonly [pattern: string, options: BreakerOptions])[];

  /**
   * @param subject - Who lays it, in errors and where an option's source is told.
   * @throws {@link ConfigurationError} that names every problem.
   */
  constructor(
    { defaults, operations }: LayerOptions,
    readonly subject: string,
  ) {
    const issues = layerProblems({ defaults, operations });
    if (issues.length > 0) throw new ConfigurationError(subject, issues);
    this.defaults = defaults && copyOptions(defaults);
    this.operations = Object.entries(operations ?? {});
  }
}
