import { aboutCall, type Call } from '../core/call';
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

/** A permit, as the states give it: each of its ends settles an attempt. */
export abstract class BreakerPermit implements GuardPermit {
  /**
   * @param state - The state that admits it; undefined when an override admits it in front of the state.
   * @param attempted - Undefined when nobody can cancel the attempt, and when the permit is taken by hand.
   */
  constructor(
    protected readonly breaker: Breaker,
    protected readonly state: State | undefined,
    protected readonly attempted?: Call,
  ) {}

  readonly success = (value?: unknown): unknown => {
    this.settle({ value });
    return value;
  };

  readonly failure = (error?: unknown): Rejection => {
    this.settle({ error });
    return new Rejection(thrownOf(error, this.breaker.name, this.attempted?.cancellation));
  };

  readonly ignore = (): void => {
    this.settle({}, 'ignored');
  };

  /** The consumer of a stream has left it. */
  leave(): void {
    this.settle({}, 'success');
  }

  /** An attempt has ended. @param known - What its result counts as, where nothing is to be classified. */
  abstract settle(result: Result, known?: Outcome): void;

  protected classify(result: Result, durationMs: number): Outcome {
    const { breaker, attempted } = this;
    return outcomeOf(breaker.settings.classifier, breaker.name, result, durationMs, attempted?.cancellation);
  }
}

/** The permit of all plain attempts of a closed period: nobody can cancel them, and nobody times them. So a plain call makes no object. */
export class PlainPermit extends BreakerPermit {
  override readonly success = (value?: unknown): unknown => {
    const { breaker, state } = this;
    if (breaker.settings.classifier.value === undefined && breaker.current === state && breaker.front === undefined) {
      // Most calls: nothing is classified, and nothing is late.
      breaker.inFlight--;
      breaker.successes++;
      state.record(false, false);
    } else this.settle({ value });
    return value;
  };

  /** When it began, nobody watched single attempts: an event has no duration, and no call. */
  settle(result: Result, outcome = this.classify(result, 0)): void {
    const { breaker } = this;
    breaker.inFlight--;
    if (record(breaker, this.state, outcome, result.error, false) === 'late') breaker.emit('late', () => result);
  }
}

/** The permit of one attempt: a probe's, a timed one, one of a call with a signal, or one that was taken by hand. */
export class AttemptPermit extends BreakerPermit implements Permit {
  settled = false;
  readonly #startedAtMs: number;

  constructor(breaker: Breaker, state: State | undefined, attempted: Call | undefined, startedAtMs = breaker.now()) {
    super(breaker, state, attempted);
    this.#startedAtMs = startedAtMs;
    breaker.inFlight++;
    for (const observer of breaker.observers) observer.began?.();
  }

  get isProbe(): boolean {
    return this.state?.kind === 'half_open';
  }

  /** A probe's call, whose attempt is marked as one for those who watch. */
  get call(): Call | undefined {
    return this.isProbe ? this.attempted?.asSpecial('probe') : undefined;
  }

  /** What events say of the attempt; nothing of one whose permit was taken by hand. */
  details(): { callId?: number; attempt?: number; wouldReject?: true } | undefined {
    return this.attempted && aboutCall(this.attempted);
  }

  /** @returns What it counted as; undefined when nobody is to know of it. */
  protected record(outcome: Outcome, slow: boolean, error: unknown): Outcome | 'late' | undefined {
    const { breaker, state } = this;
    // Slowness opened the circuit: a slow probe must not close it.
    const counts = slow && outcome === 'success' && this.isProbe && breaker.outage?.bySlowness === true ? 'failure' : outcome;
    const isCurrent = state?.release === undefined || state.release(this, counts);
    return record(breaker, isCurrent ? state : undefined, counts, error, slow);
  }

  settle(result: Result, known?: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    const { breaker, attempted } = this;
    const duration = breaker.now() - this.#startedAtMs;
    const byHand = 'value' in result ? 'success' : 'failure';
    const outcome = known ?? (attempted === undefined ? byHand : this.classify(result, duration));
    breaker.inFlight--;
    const counted = this.record(outcome, duration > breaker.settings.slowAfterMs, result.error);
    breaker.wake();
    if (counted === undefined) return;
    attempted?.counted(counted, breaker.current.kind);
    breaker.emit(counted, () => ({ ...this.details(), duration, ...result }));
  }
}

/**
 * Records how an attempt ended which `state` admitted.
 *
 * @returns What it counted as: `late`, when its state is over; undefined while the breaker is disabled.
 */
function record(breaker: Breaker, state: State | undefined, outcome: Outcome, error: unknown, slow: boolean): Outcome | 'late' | undefined {
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
