import { ConfigurationError } from '../core/errors';
import { having, isRegistry, problems } from '../core/options';
import type { TransitionEvent } from '../policies/circuit-breaker/events';
import type { StoreEvent } from '../registry/events';
import type { BreakerRegistry } from '../registry/registry';

/** As much of a logger as is used; pino's are such. */
export interface TransitionLogger {
  info(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
}

const loggerSchema = having<TransitionLogger>('a logger', 'info', 'warn');

/**
 * Logs a line for each transition of the registry's breakers, and none for single calls: `warn` when a circuit opens, `info`
 * when it is half open, `info` when it closes, with the length of the outage and what was rejected meanwhile.
 *
 * Where breakers are shared, also one when their store is away (`warn`) and one when it is back (`info`).
 *
 * Fields: `operation`, `key` where there is one, `from`, `to`, `reason`; of an opening `failureCount`, `retryAfter` (ms) and
 * `err`, the last failure; of a closing `outage` (`duration` in ms, `rejected`). A throw of the logger is contained.
 *
 * @returns A function that ends it.
 * @throws {@link ConfigurationError} when `registry` or `logger` is none.
 */
export function logTransitions(registry: BreakerRegistry, logger: TransitionLogger): () => void {
  const issues = problems(loggerSchema, logger).map((issue) => ({ ...issue, path: 'logger' }));
  if (!isRegistry(registry)) issues.unshift({ path: 'registry', message: 'must be a BreakerRegistry', received: registry });
  if (issues.length > 0) throw new ConfigurationError('logTransitions', issues);
  const ends = [
    registry.on('transition', (event) => log(registry, logger, event)),
    registry.on('store', (event) => logStore(logger, event)),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function logStore(logger: TransitionLogger, { operation, health, error }: StoreEvent): unknown {
  const subject = operation === '' ? 'the store of shared breakers' : `the record of ${operation} in the store of shared breakers`;
  const fields = { ...(operation !== '' && { operation }), store: health };
  return health === 'down'
    ? logger.warn({ ...fields, err: error }, `${subject} cannot be used: this process goes on by itself`)
    : logger.info(fields, `${subject} can be used again`);
}

function log(registry: BreakerRegistry, logger: TransitionLogger, event: TransitionEvent): unknown {
  const { operation, key, from, to, reason, outage } = event;
  const fields = { operation, ...(key !== undefined && { key }), from, to, reason };
  const name = key === undefined ? operation : `${operation} (${key})`;
  switch (to) {
    case 'open':
      return logger.warn({ ...fields, ...causeOf(registry, event) }, `${name}: circuit opened (${reason})`);
    case 'half_open':
      return logger.info(fields, `${name}: circuit half open, probing`);
    case 'closed':
      return logger.info({ ...fields, ...outageOf(event) }, `${name}: circuit closed (${reason})${outage === undefined ? '' : summaryOf(outage)}`);
  }
}

/** What the breaker knows of why it opened; nothing of one that has no name to be found by, as that of an instance. */
function causeOf(registry: BreakerRegistry, { operation, key }: TransitionEvent): object {
  const breaker = key === undefined ? registry.get(operation) : registry.get(operation, key);
  if (breaker === undefined) return {};
  const { failureCount, retryAfter, stats } = breaker;
  return { failureCount, ...(retryAfter !== Infinity && { retryAfter: Math.round(retryAfter) }), ...(stats.lastError !== undefined && { err: stats.lastError }) };
}

function outageOf({ outage }: TransitionEvent): object {
  return outage === undefined ? {} : { outage: { ...outage, duration: Math.round(outage.duration) } };
}

function summaryOf({ duration, rejected }: NonNullable<TransitionEvent['outage']>): string {
  return ` after ${(duration / 1000).toFixed(1)} s, ${rejected} ${rejected === 1 ? 'call' : 'calls'} rejected`;
}
