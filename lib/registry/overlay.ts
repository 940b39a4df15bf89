import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { asText } from '../core/thrown';
import { warn } from '../core/warn';
import { Layer, type LayerOptions } from './layer';
import type { Operation } from './operation';
import type { BreakerRegistry } from './registry';

/**
 * Configures many operations of a registry at once, and the defaults of all: everything, or nothing. It wins over earlier
 * calls of `registry.configure`, as a later one would.
 *
 * @param subject - Who configures, for errors and where the source of an option is told.
 * @returns A function that takes it back; what it covered is in force again then.
 * @throws {@link ConfigurationError} that names every problem; nothing has changed then.
 */
export function overlay(registry: BreakerRegistry, given: LayerOptions, subject: string): () => void {
  const layer = new Layer(given, subject);
  const patterns = registry.patterns.withLayer(layer);
  const commit = prepareAll(registry, subject, (operation) => {
    const changed = patterns.rulesFor(operation.name, layer).map(({ options }) => options);
    return registry.prepare(operation, patterns, Object.assign({}, ...changed) as object);
  });
  registry.patterns = patterns;
  commit();
  return () => takeBack(registry, layer);
}

/**
 * Asks every operation to prepare a change.
 *
 * @returns A function that makes all the changes.
 */
function prepareAll(registry: BreakerRegistry, subject: string, prepare: (operation: Operation) => () => void): () => void {
  const commits: (() => void)[] = [];
  const issues: ConfigurationIssue[] = [];
  for (const operation of registry.table) {
    try {
      commits.push(prepare(operation));
    } catch (error) {
      if (!isConfigurationError(error)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, message: `${issue.message}, with the other options of '${operation.name}'` })));
    }
  }
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  return () => commits.forEach((commit) => commit());
}

function takeBack(registry: BreakerRegistry, layer: Layer): void {
  registry.patterns = registry.patterns.withoutLayer(layer);
  for (const operation of registry.table) {
    try {
      operation.surroundAnew();
    } catch (error) {
      warn('BREAKER_BOX_CONFIGURE', `'${operation.name}' keeps what was configured for it, for its options do not go without: ${asText(error)}`);
    }
  }
}
