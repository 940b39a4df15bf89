import type { Call } from '../core/call';
import { outcomeOf, thrownOf, type Outcome, type Result } from '../core/outcome';
import type { Permit as GuardPermit } from '../core/policy';
import { Rejection } from '../core/run';
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

/** A permit, as the states give it. */
export interface BreakerPermit extends GuardPermit {
  /** The attempt has ended. @param known - What its result counts as, where nothing is to be classified. */
  settle(result: Result, known?: Outcome): void;
}

/** The permit of one attempt: a probe's, a timed one, one of a call with a signal, or one that was taken by hand. */
export class AttemptPermit implements Permit, BreakerPermit {
  settled = false;
  protected readonly breaker: Breaker;
  readonly #call: Call | undefined;
  readonly #state: State | undefined;
  readonly #startedAtMs: number;

  /**
   * @param state - The state that admits it; undefined when an override admits it in front of the state.
   * @param call - Undefined when it is taken by hand: nothing classifies its outcome then.
   */
  constructor(breaker: Breaker, state: State | undefined, call: Call | undefined, startedAtMs = breaker.now()) {
    this.breaker = breaker;
    this.#state = state;
    this.#call = call;
    this.#startedAtMs = startedAtMs;
    breaker.inFlight++;
  }

  get isProbe(): boolean {
    return this.#state?.kind === 'half_open';
  }

  /** A probe's call, whose attempt is marked as one for those who watch. */
  get call(): Call | undefined {
    return this.isProbe ? this.#call?.asSpecial('probe') : undefined;
  }

  readonly success = (value?: unknown): unknown => {
    this.settle({ value });
    return value;
  };

  readonly failure = (error?: unknown): Rejection => {
    this.settle({ error });
    return new Rejection(thrownOf(error, this.breaker.name, this.#call?.cancellation));
  };

  readonly ignore = (): void => {
    this.settle({}, 'ignored');
  };

  /** The consumer of a stream has left it. */
  leave(): void {
    this.settle({}, 'success');
  }

  /** What events say of the attempt; nothing of one whose permit was taken by hand. */
  details(): { callId?: number; attempt?: number; wouldReject?: true } {
    return about(this.#call);
  }

  /** @returns What it counted as; undefined when nobody is to know of it. */
  protected record(outcome: Outcome, slow: boolean, error: unknown): Outcome | 'late' | undefined {
    const { breaker } = this;
    const state = this.#state;
    // Slowness opened the circuit: a slow probe must not close it.
    const counts = slow && outcome === 'success' && this.isProbe && breaker.outage?.bySlowness === true ? 'failure' : outcome;
    const isCurrent = state?.release === undefined || state.release(this, counts);
    return record(breaker, isCurrent ? state : undefined, counts, error, slow);
  }

  settle(result: Result, known?: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    const { breaker } = this;
    const call = this.#call;
    const duration = breaker.now() - this.#startedAtMs;
    const byHand = 'value' in result ? 'success' : 'failure';
    const outcome = known ?? (call === undefined ? byHand : classify(breaker, result, duration, call));
    breaker.inFlight--;
    const counted = this.record(outcome, duration > breaker.settings.slowAfterMs, result.error);
    breaker.wake();
    if (counted === undefined) return;
    call?.counted(counted, breaker.current.kind);
    breaker.emit(counted, () => ({ ...this.details(), duration, ...result }));
  }
}

/**
 * Records how an attempt ended which `state` admitted.
 *
 * @returns What it counted as: `late`, when its state is over; undefined while the breaker is disabled.
 */
export function record(breaker: Breaker, state: State | undefined, outcome: Outcome, error: unknown, slow: boolean): Outcome | 'late' | undefined {
  if (breaker.override === 'disabled') return undefined;
  if (state !== breaker.current) {
    breaker.late++;
    return 'late';
  }
  if (outcome === 'ignored') {
    breaker.ignored++;
    return outcome;
  }
  const failed = outcome === 'failure';
  if (slow) breaker.slow++;
  if (failed) {
    breaker.failures++;
    breaker.streak++;
    breaker.rememberFailure(error);
  } else breaker.successes++;
  state.record(failed, slow);
  if (failed) for (const observer of breaker.observers) observer.failed?.(breaker);
  return outcome;
}

/** What events say of an attempt; nothing when its permit was taken by hand. */
export function about(call: Call | undefined): { callId?: number; attempt?: number } {
  return call === undefined ? {} : { ...(call.record !== undefined && { callId: call.record.id }), attempt: call.attempt };
}

/** Classifies the result of an attempt. */
export function classify({ name, settings: { classifier } }: Breaker, result: Result, durationMs = 0, call?: Call): Outcome {
  return outcomeOf(classifier, name, result, durationMs, call?.cancellation);
}
