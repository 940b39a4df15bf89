import { ConfigurationError } from '../core/errors';
import { optional, options, problems, resolve } from '../core/check';
import { fn, having, isRegistry } from '../core/options';
import { cut, describeThrown, propertyOf } from '../core/safe-inspect';
import { reportThrow } from '../core/warn';
import type { TransitionEvent } from '../breaker/events';
import type { StoreEvent } from '../registry/events';
import { placeOf } from '../registry/place';
import type { BreakerRegistry } from '../registry/registry';
import { startExporter } from '../operate/exporters';

/** As much of a logger as is used; pino's are such. */
export interface TransitionLogger {
  info(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
}

export interface TransitionLogOptions {
  /**
   * Selects the fields of an error for `err`. One that throws is reported once, and the line has the default.
   * @defaultValue `name`, `message`, `stack`, and where they are there `code` and `status`: nothing else of it, for clients put the request on their errors, credentials included
   */
  error?: ((error: unknown) => unknown) | undefined;
}

const logSchema = /* @__PURE__ */ options({ error: optional(fn<NonNullable<TransitionLogOptions['error']>>()) });

const loggerSchema = /* @__PURE__ */ having<TransitionLogger>(__DEV__ && 'a logger', 'info', 'warn');

/**
 * Logs a line for each transition of the registry's breakers, and none for single calls: `warn` when a circuit opens, `info`
 * when it is half open, `info` when it closes, with the length of the outage and what was rejected meanwhile.
 *
 * Where breakers are shared, `probing` is said by the process that has the probe slot; and there is a line when their store is away (`warn`), and one when it is
 * back (`info`).
 *
 * Fields: `operation`, `key` where there is one, `from`, `to`, `reason`; of an opening `failureCount`, `retryAfter` (ms) and
 * `err`, what {@link TransitionLogOptions.error} shows of the last failure; of a closing `outage` (`duration` in ms, `rejected`). A throw of the logger is contained.
 *
 * Where it runs already for this registry, it replaces itself: with the same logger, or when the module that starts it is loaded again.
 *
 * @returns A function that ends it.
 * @throws {@link ConfigurationError} when `registry` or `logger` is none, or an option is wrong.
 */
export function logTransitions(registry: BreakerRegistry, logger: TransitionLogger, given: TransitionLogOptions = {}): () => void {
  const issues = problems(loggerSchema, logger).map((issue) => ({ ...issue, path: 'logger' }));
  if (!isRegistry(registry)) issues.unshift({ path: 'registry', message: __DEV__ ? 'must be a BreakerRegistry' : 'invalid', received: registry });
  if (issues.length > 0) throw new ConfigurationError('logTransitions', issues);
  const { error: shown } = resolve(logSchema, given, 'logTransitions');
  const show = shown === undefined ? shownByDefault : showingBy(shown);
  return startExporter(registry, { kind: 'logTransitions', target: logger, place: placeOf(logTransitions) }, () => {
    const ends = [
      registry.on('transition', (event) => log(registry, logger, event, show)),
      registry.on('store', (event) => logStore(logger, event, show)),
    ];
    return () => {
      for (const end of ends) end();
    };
  });
}

type Show = (error: unknown) => unknown;

/** As much of a stack as is worth a line of a log. */
const MOST_OF_STACK = 10_000;

/** Without a prototype, so that a logger takes the error's name for its type. */
function shownByDefault(error: unknown): unknown {
  const stack = propertyOf(error, 'stack');
  return Object.assign(Object.create(null) as object, describeThrown(error), typeof stack === 'string' && { stack: cut(stack, MOST_OF_STACK) });
}

function showingBy(shown: Show): Show {
  return (error) => {
    try {
      return shown(error);
    } catch (thrown) {
      reportThrow(shown, `The option 'error'`, thrown);
      return shownByDefault(error);
    }
  };
}

function logStore(logger: TransitionLogger, { operation, health, error }: StoreEvent, show: Show): unknown {
  const subject = operation === '' ? 'the store of shared breakers' : `the record of ${operation} in the store of shared breakers`;
  const fields = { ...(operation !== '' && { operation }), store: health };
  return health === 'down'
    ? logger.warn({ ...fields, ...(error !== undefined && { err: show(error) }) }, `${subject} cannot be used: this process goes on by itself`)
    : logger.info(fields, `${subject} can be used again`);
}

function log(registry: BreakerRegistry, logger: TransitionLogger, event: TransitionEvent, show: Show): unknown {
  const { operation, key, from, to, reason, outage } = event;
  const fields = { operation, ...(key !== undefined && { key }), from, to, reason };
  const name = key === undefined ? operation : `${operation} (${key})`;
  switch (to) {
    case 'open':
      return logger.warn({ ...fields, ...causeOf(registry, event, show) }, `${name}: circuit opened (${reason})`);
    case 'half_open':
      return logger.info(fields, `${name}: circuit half open, ${reason === 'fleet' ? 'another process probes' : 'probing'}`);
    case 'closed':
      return logger.info({ ...fields, ...outageOf(event) }, `${name}: circuit closed (${reason})${outage === undefined ? '' : summaryOf(outage)}`);
  }
}

/** The cause of an opening, as the breaker knows it; nothing of one that has no name to be found by, as that of an instance. */
function causeOf(registry: BreakerRegistry, { operation, key }: TransitionEvent, show: Show): object {
  const breaker = key === undefined ? registry.get(operation) : registry.get(operation, key);
  if (breaker === undefined) return {};
  const { failureCount, retryAfter, stats } = breaker;
  return { failureCount, ...(retryAfter !== Infinity && { retryAfter: Math.round(retryAfter) }), ...(stats.lastError !== undefined && { err: show(stats.lastError) }) };
}

function outageOf({ outage }: TransitionEvent): object {
  return outage === undefined ? {} : { outage: { ...outage, duration: Math.round(outage.duration) } };
}

function summaryOf({ duration, rejected }: NonNullable<TransitionEvent['outage']>): string {
  return ` after ${(duration / 1000).toFixed(1)} s, ${rejected} ${rejected === 1 ? 'call' : 'calls'} rejected`;
}
