import { ambientCall, type AnyFunction } from '../core/call';
import { CancellationSource, SignalCancellation } from '../core/cancellation';
import { systemClock, type Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import { fields, optional, options, problems, resolve } from '../core/check';
import { commonOptions, fn as functionSchema, having, text } from '../core/options';
import { answerOf, Recovery, type ServiceErrorHandler } from './recovery';
import { ConfiguredStrategy } from './backoff-strategies';
import { ErrorSeverity, type ErrorContext, type ErrorReporter } from './error-reporter';
import { callConfigSchema, type CallConfig, type RetryConfig } from './retry-config';
import type { RetryStrategy } from './retry-strategy';

export interface ErrorRecoveryOptions {
  /** Decides whether and when failed attempts are repeated. Several managers may share it. */
  retryStrategy: RetryStrategy;
  /** Told of calls that are given up. @defaultValue nobody */
  errorReporter?: ErrorReporter | undefined;
  /** Asked to repair what made an attempt fail. @defaultValue nobody */
  serviceHandler?: ServiceErrorHandler | undefined;
  /** The clock that waits are measured by. @defaultValue the strategy's clock, or the system's */
  clock?: Clock | undefined;
}

/** A call that is running. */
export interface ActiveRecovery {
  readonly id: number;
  readonly operationName: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Attempts begun. */
  readonly attempts: number;
}

const optionsSchema = /* @__PURE__ */ options({
  retryStrategy: having<RetryStrategy>(__DEV__ && 'a retry strategy', 'shouldRetry', 'getDelay', 'recordAttempt'),
  errorReporter: optional(having<ErrorReporter>(__DEV__ && 'an error reporter', 'reportError')),
  serviceHandler: optional(having<ServiceErrorHandler>(__DEV__ && 'a service error handler', 'handleError')),
  clock: commonOptions.clock,
});

const callSchema = /* @__PURE__ */ fields({
  fn: functionSchema<AnyFunction>(),
  context: fields({ operationName: text() }, __DEV__ && 'must be an object with an operationName'),
  config: optional(callConfigSchema),
}, false);

/** Runs operations and retries them by a strategy; a handler may repair what failed, and a reporter reports what was given up. */
export class ErrorRecoveryManager {
  readonly #strategy: RetryStrategy;
  readonly #reporter: ErrorReporter | undefined;
  readonly #handler: ServiceErrorHandler | undefined;
  readonly #clock: Clock;
  readonly #active = new Set<Recovery>();

  /** @throws {@link ConfigurationError} that names every wrong option. */
  constructor(given: ErrorRecoveryOptions) {
    resolve(optionsSchema, given, 'new ErrorRecoveryManager');
    this.#strategy = given.retryStrategy;
    this.#reporter = given.errorReporter;
    this.#handler = given.serviceHandler;
    this.#clock = given.clock ?? given.retryStrategy.clock ?? systemClock;
  }

  /**
   * Calls `fn(...args)`, again while it fails and the strategy allows another attempt.
   *
   * @param config - Attempts and delays of this call; the strategy's where it has none.
   * @returns `fn`'s result. Rejects with `fn`'s own last error when it is given up; with {@link CircuitOpenError}, without
   * running `fn`, when the operation's circuit is open; with {@link ConfigurationError} for wrong input.
   */
  async executeWithRetry<A extends unknown[], T>(
    fn: (...args: A) => T | PromiseLike<T>,
    context: ErrorContext,
    config?: CallConfig,
    ...args: A
  ): Promise<T> {
    checkCall({ fn, context, config });
    const { signal, ...retryConfig } = config ?? {};
    const strategy = this.#strategyFor(context.operationName, config === undefined ? undefined : retryConfig);
    const outer = ambientCall();
    const own = signal && new CancellationSource(SignalCancellation.of(signal), outer?.cancellation);
    const parts = { strategy, handler: this.#handler, clock: this.#clock, cancellation: own ?? outer?.cancellation, limit: outer?.limit };
    const recovery = new Recovery(fn as AnyFunction, args, context, parts);
    this.#active.add(recovery);
    try {
      return (await recovery.run()) as T;
    } catch (error) {
      if (recovery.gaveUp) await this.#report(error, context);
      throw error;
    } finally {
      own?.release();
      this.#active.delete(recovery);
    }
  }

  /** The calls that are running now. */
  activeRecoveries(): ActiveRecovery[] {
    return Array.from(this.#active, ({ id, context, startedAt, attempts }) => {
      return { id, operationName: context.operationName, startedAt, attempts };
    });
  }

  #strategyFor(operationName: string, config: RetryConfig | undefined): RetryStrategy {
    const strategy = this.#strategy;
    if (strategy.forOperation !== undefined) return strategy.forOperation(operationName, config);
    return config === undefined ? strategy : new ConfiguredStrategy(strategy, config);
  }

  async #report(error: unknown, context: ErrorContext): Promise<void> {
    const reporter = this.#reporter;
    if (reporter === undefined) return;
    const suggestions = await this.#suggestionsFor(error);
    const reported = suggestions.length === 0 ? context : { ...context, recoverySuggestions: suggestions };
    const tell = () => reporter.reportError(error, ErrorSeverity.HIGH, reported);
    await answerOf<unknown>('reportError', reporter, tell, undefined);
  }

  async #suggestionsFor(error: unknown): Promise<readonly string[]> {
    const handler = this.#handler;
    if (handler?.getRecoverySuggestions === undefined) return [];
    const ask = () => handler.getRecoverySuggestions?.(error) ?? [];
    const suggestions = await answerOf('getRecoverySuggestions', handler, ask, []);
    return Array.isArray(suggestions) ? suggestions : [];
  }
}

function checkCall(call: { fn: unknown; context: unknown; config: unknown }): void {
  const issues = problems(callSchema, call);
  if (issues.length > 0) throw new ConfigurationError('executeWithRetry', issues);
}
