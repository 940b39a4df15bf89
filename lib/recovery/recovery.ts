import { Call, invoke, nextCallId, type AnyFunction, type Args, remainingMs, type Deadline } from '../core/call';
import type { Cancellation } from '../core/cancellation';
import { isCancelled } from '../core/cancelled';
import { wallTime, type Clock } from '../core/clock';
import { dispose } from '../core/dispose';
import { pause } from '../core/timer';
import { asText, propertyOf } from '../core/safe-inspect';
import { reportThrow } from '../core/warn';
import { addEarlier, noteAttempts } from '../retry/attempts';
import type { ErrorContext } from './error-reporter';
import { reasonOf } from './reason-of';
import type { RetryReason, RetryStrategy } from './retry-strategy';

/** A service's own knowledge of its errors: it may repair what made an attempt fail. */
export interface ServiceErrorHandler {
  /**
   * Asked after each attempt that failed.
   *
   * @returns `true` when it has recovered: the next attempt starts at once. It counts towards `maxAttempts`.
   */
  handleError(error: unknown, context: ErrorContext): boolean | PromiseLike<boolean>;
  /** Suggestions of how to recover from the error; goes with the report as `context.recoverySuggestions`. */
  getRecoverySuggestions?(error: unknown): readonly string[] | PromiseLike<readonly string[]>;
}

/** The parts that a recovery needs. */
export interface RecoveryParts {
  readonly strategy: RetryStrategy;
  readonly handler: ServiceErrorHandler | undefined;
  readonly clock: Clock;
  readonly cancellation: Cancellation | undefined;
  /** The deadline of the calls around it. */
  readonly limit: Deadline | undefined;
}

/** One call, from its first attempt to its end. */
export class Recovery {
  readonly id = nextCallId();
  readonly startedAt: number;
  /** Attempts begun. */
  attempts = 0;
  /** Whether it ended because its function failed, and not by the caller's abort or a circuit that was open already. */
  gaveUp = false;
  /** The error of the last attempt. */
  #failure: { readonly error: unknown } | undefined;
  readonly #earlier: unknown[] = [];

  constructor(
    private readonly fn: AnyFunction,
    private readonly args: Args,
    readonly context: ErrorContext,
    private readonly parts: RecoveryParts,
  ) {
    this.startedAt = wallTime(parts.clock);
  }

  /** Attempts and waits, until one attempt works or the call is given up: then the last error of the function is thrown. */
  async run(): Promise<unknown> {
    const { clock, cancellation, limit } = this.parts;
    for (;;) {
      if (this.#isAborted()) throw cancellation?.reason;
      const begun = this.attempts;
      try {
        return await this.#attempt();
      } catch (error) {
        if (this.#isAborted()) throw cancellation?.reason;
        // Not let through: nothing new is known, and what the function failed with must not be hidden.
        if (this.attempts === begun) throw this.#giveUp(error);
        if (this.#failure !== undefined) addEarlier(this.#earlier, this.#failure.error);
        this.#failure = { error };
      }
      const delayMs = await this.#delayMs(this.#failure.error);
      if (delayMs === undefined || delayMs > remainingMs(limit)) throw this.#giveUp();
      if (delayMs > 0) await pause({ owner: this, operation: this.context.operationName, delayMs, clock }, cancellation);
    }
  }

  async #attempt(): Promise<unknown> {
    const { strategy, cancellation, limit } = this.parts;
    const attempt = (): unknown => {
      this.attempts++;
      // Its body would keep the connection from this attempt.
      dispose(propertyOf(this.#failure?.error, 'response'));
      const call = new Call(this.context.operationName, undefined, cancellation, this.attempts, limit);
      return invoke(this.fn, call, undefined, this.args);
    };
    if (strategy.execute !== undefined) return strategy.execute(attempt, { signal: cancellation?.signal });
    try {
      const value = await attempt();
      await this.#record(true);
      return value;
    } catch (error) {
      // A cancellation says nothing about the operation.
      if (!this.#isAborted() && !isCancelled(error)) await this.#record(false, reasonOf(error));
      throw error;
    }
  }

  /** The wait before the next attempt; undefined when there is to be none. */
  async #delayMs(error: unknown): Promise<number | undefined> {
    const { strategy, handler } = this.parts;
    const reason = reasonOf(error);
    const attempt = this.attempts - 1;
    const hasRecovered = handler !== undefined && (await this.#isRepaired(handler, error));
    if (!(await this.#goesOn(attempt, error, reason, hasRecovered))) return undefined;
    if (hasRecovered) return 0;
    const ask = async (): Promise<number> => checkedDelay(await strategy.getDelay(attempt, reason));
    return answerOf<number | undefined>('getDelay', strategy, ask, undefined);
  }

  async #isRepaired(handler: ServiceErrorHandler, error: unknown): Promise<boolean> {
    const ask = () => handler.handleError(error, this.context);
    return (await answerOf('handleError', handler, ask, false)) === true;
  }

  /** A repaired call is retried whatever `shouldRetry` answers, within `maxAttempts`. */
  async #goesOn(attempt: number, error: unknown, reason: RetryReason, hasRecovered: boolean): Promise<boolean> {
    const { strategy } = this.parts;
    if (strategy.maxAttempts !== undefined) {
      if (attempt + 1 >= strategy.maxAttempts) return false;
      if (hasRecovered) return true;
    }
    return answerOf('shouldRetry', strategy, () => strategy.shouldRetry(attempt, error, reason), false);
  }

  async #record(success: boolean, reason?: RetryReason): Promise<void> {
    const { strategy } = this.parts;
    await answerOf<unknown>('recordAttempt', strategy, () => strategy.recordAttempt(success, reason), undefined);
  }

  #isAborted(): boolean {
    return this.parts.cancellation?.aborted === true;
  }

  /** @returns What the call rejects with: the function's last error, or why not even its first attempt was let through. */
  #giveUp(rejection?: unknown): unknown {
    if (this.#failure === undefined) return rejection;
    this.gaveUp = true;
    noteAttempts(this.#failure.error, this.context.operationName, this.attempts, this.#earlier);
    return this.#failure.error;
  }
}

function checkedDelay(delayMs: number): number {
  if (Number.isFinite(delayMs) && delayMs >= 0) return delayMs;
  throw new TypeError(`getDelay must give milliseconds, finite and >= 0; it gave ${asText(delayMs)}`);
}

/**
 * The answer of a user's object, at once or by a promise; `otherwise` when it throws or rejects, which is reported once
 * for its method, so that no error of a helper hides the error it was to help with.
 */
export async function answerOf<T>(role: string, helper: object, ask: () => T | PromiseLike<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const method = propertyOf(helper, role);
    reportThrow(typeof method === 'function' ? method : helper, role, thrown);
    return otherwise;
  }
}
