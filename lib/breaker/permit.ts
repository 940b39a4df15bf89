import type { Call } from '../core/call';
import { CALLERS_ABORT, toBeJudged, type Outcome } from '../core/outcome';
import type { Permit as GuardPermit } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { Breaker } from './breaker';
import type { State } from './states';

/** The right to run one attempt, taken by `breaker.acquire()`. The first of its three ends settles it; later calls do nothing. */
export interface Permit {
  /** The attempt worked. */
  success(value?: unknown): void;
  /** The attempt failed: it counts as a failure, whatever `handle` and `ignore` say. */
  failure(error?: unknown): void;
  /** The attempt says nothing about the dependency; a probe's slot is given back. */
  ignore(): void;
  /** Whether it was let through in `half_open`. */
  readonly isProbe: boolean;
  readonly settled: boolean;
}

/** What an attempt gave. */
interface Result {
  readonly value?: unknown;
  readonly error?: unknown;
}

/** The permit of one attempt: a probe's, a timed one, one of a call with a signal, or one that was taken by hand. */
export class AttemptPermit implements Permit, GuardPermit {
  settled = false;
  protected readonly breaker: Breaker;
  /** Undefined when it was taken by hand: nothing classifies its outcome then. */
  protected readonly attempt: Call | undefined;
  readonly #state: State | undefined;
  readonly #startedAtMs: number;

  /** @param state - The state that admits it; undefined when an override admits it in front of the state. */
  constructor(breaker: Breaker, state: State | undefined, attempt: Call | undefined) {
    this.breaker = breaker;
    this.#state = state;
    this.attempt = attempt;
    this.#startedAtMs = breaker.now();
    breaker.inFlight++;
  }

  get isProbe(): boolean {
    return this.#state?.kind === 'half_open';
  }

  /** A probe's call, whose attempt is marked as one for those who watch. */
  get call(): Call | undefined {
    return this.isProbe ? this.attempt?.asSpecial('probe') : undefined;
  }

  readonly success = (value?: unknown): unknown => {
    const { attempt } = this;
    const durationMs = this.#durationMs();
    this.#settle(attempt === undefined ? 'success' : classifyValue(this.breaker, value, attempt, durationMs), durationMs, { value });
    return value;
  };

  readonly failure = (error?: unknown): Rejection => {
    const { attempt, breaker } = this;
    const durationMs = this.#durationMs();
    if (attempt === undefined) {
      this.#settle('failure', durationMs, { error });
      return new Rejection(error);
    }
    const { cancellation } = attempt;
    const judged = toBeJudged(error, breaker.name, cancellation);
    const byCaller = judged === CALLERS_ABORT;
    const outcome = byCaller && !isClassifying(breaker) ? 'ignored' : classifyError(breaker, byCaller ? error : judged, attempt, durationMs);
    this.#settle(outcome, durationMs, { error });
    return new Rejection(byCaller ? cancellation?.reason : error);
  };

  readonly ignore = (): void => {
    this.#settle('ignored', this.#durationMs(), {});
  };

  /** The consumer of a stream has left it. */
  leave(): void {
    this.#settle('success', this.#durationMs(), {});
  }

  /** What events say of the attempt; nothing of one whose permit was taken by hand. */
  details(): { callId?: number; attempt?: number; wouldReject?: true } {
    return about(this.attempt);
  }

  /** @returns What it counted as; undefined when nobody is to know of it. */
  protected record(outcome: Outcome, durationMs: number, error: unknown): Outcome | 'late' | undefined {
    const { breaker } = this;
    const state = this.#state;
    const slow = durationMs > breaker.slowAfterMs;
    // Slowness opened the circuit: a slow probe must not close it.
    const counts = slow && outcome === 'success' && this.isProbe && breaker.isOpenedBySlowness ? 'failure' : outcome;
    const isCurrent = state?.release === undefined || state.release(this, counts);
    return breaker.record(isCurrent ? state : undefined, counts, error, slow);
  }

  #settle(outcome: Outcome, durationMs: number, result: Result): void {
    if (this.settled) return;
    this.settled = true;
    const { breaker } = this;
    breaker.inFlight--;
    const counted = this.record(outcome, durationMs, result.error);
    if (counted === undefined) return;
    this.attempt?.watch?.counted(counted, breaker.current.kind);
    breaker.emit(counted, () => ({ ...this.details(), duration: durationMs, ...result }));
  }

  #durationMs(): number {
    return this.breaker.now() - this.#startedAtMs;
  }
}

/** What events say of an attempt; nothing when its permit was taken by hand. */
export function about(attempt: Call | undefined): { callId?: number; attempt?: number } {
  if (attempt === undefined) return {};
  return { ...(attempt.watch !== undefined && { callId: attempt.watch.id }), attempt: attempt.attempt };
}

/** What a value counts as. */
export function classifyValue(breaker: Breaker, value: unknown, attempt: Call | undefined, duration: number): Outcome {
  const classify = breaker.settings.judge.value;
  return classify === undefined ? 'success' : classify({ ok: true, value, duration, signal: signalOf(breaker, attempt), operation: breaker.name });
}

/** What an error counts as. */
export function classifyError(breaker: Breaker, error: unknown, attempt: Call | undefined, duration: number): Outcome {
  return breaker.settings.judge.error({ ok: false, error, duration, signal: signalOf(breaker, attempt), operation: breaker.name });
}

/** Whether `classify` decides outcomes alone. */
function isClassifying({ options }: Breaker): boolean {
  return options.classify !== undefined;
}

/** For `classify` alone: to ask for a signal makes one. */
function signalOf(breaker: Breaker, attempt: Call | undefined): AbortSignal | undefined {
  return isClassifying(breaker) ? attempt?.cancellation?.signal : undefined;
}
