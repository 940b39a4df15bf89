import type { Outcome } from '../core/outcome';
import { Rejection } from '../core/rejection';
import type { OutcomeWindow } from './outcome-window';
import type { Admission, Attempt, OwnPermit } from './admission';
import type { Circuit } from './circuit';
import type { Epoch } from './epoch';
import { AttemptPermit } from './permit';

/**
 * Calls pass, and their outcomes are counted until they trip the circuit.
 *
 * The epoch itself is the admission of every attempt that needs nothing of its own. Its two reactions are made once, so
 * that a call costs no closure, and they know their epoch, so that late results are recognised all the same.
 */
export class ClosedEpoch implements Epoch, Admission {
  readonly state = 'closed';
  readonly isProbe = false;
  /** Outcomes of this closed period. */
  successes = 0;
  failures = 0;

  constructor(
    private readonly circuit: Circuit,
    readonly number: number,
    /** The outcomes that rates are judged on; absent when the consecutive count decides. */
    public window: OutcomeWindow | undefined,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    const { circuit } = this;
    if (circuit.admitting === this && attempt.isPlain) {
      circuit.inFlight++;
      return this;
    }
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): OwnPermit {
    return new AttemptPermit(this.circuit, this, attempt);
  }

  release(): boolean {
    return true;
  }

  readonly onSuccess = (value: unknown): unknown => {
    const { circuit } = this;
    circuit.inFlight--;
    if (circuit.counting === this) {
      circuit.successes++;
      this.countSuccess(false);
    } else {
      this.#record(circuit.judgeValue(value, undefined, 0), value, undefined);
    }
    return value;
  };

  readonly onFailure = (error: unknown): Rejection => new Rejection(this.failed(error));

  failed(error: unknown): unknown {
    const { circuit } = this;
    circuit.inFlight--;
    this.#record(circuit.judgeError(error, undefined, 0), undefined, error);
    return error;
  }

  countSuccess(slow: boolean): void {
    this.successes++;
    this.circuit.failureCount = 0;
    if (this.window !== undefined) this.#countInWindow(this.window, false, slow);
  }

  countFailure(slow: boolean): void {
    const { circuit, window } = this;
    this.failures++;
    if (window !== undefined) this.#countInWindow(window, true, slow);
    else if (circuit.failureCount >= circuit.options.failureThreshold) circuit.open('failure_threshold');
  }

  /** Whether the share of slow calls is at or over its limit. */
  get isSlow(): boolean {
    const { window, circuit } = this;
    // Without calls the share is NaN, which reaches no limit.
    return window !== undefined && window.slow / window.calls >= (circuit.options.window?.slowCallRate ?? Infinity);
  }

  /** Share of failures, and of slow calls: of the window, else of the closed period. */
  rates(): { readonly failureRate: number; readonly slowRate: number } {
    const { window, circuit } = this;
    window?.advance(circuit.ageNow());
    const calls = window?.calls ?? this.successes + this.failures;
    if (calls === 0) return { failureRate: 0, slowRate: 0 };
    return { failureRate: (window?.failures ?? this.failures) / calls, slowRate: (window?.slow ?? 0) / calls };
  }

  #record(outcome: Outcome, value: unknown, error: unknown): void {
    if (this.circuit.record(this, outcome, error, false) === 'late') this.#tellLate({ value, error });
  }

  /** Nobody listened to single attempts when this one began: what it took, and whose it was, is not known. */
  #tellLate({ value, error }: { value: unknown; error: unknown }): void {
    this.circuit.notify('late', () => (error === undefined ? { value } : { error }));
  }

  #countInWindow(window: OutcomeWindow, failed: boolean, slow: boolean): void {
    const { circuit } = this;
    window.record(failed, slow, circuit.windowNow());
    if (this.#rateReached(window) === undefined) return;
    // Before it trips, look at the wall clock as well: after frozen time, old outcomes have left the window.
    window.redate(failed, slow, circuit.ageNow());
    const reason = this.#rateReached(window);
    if (reason !== undefined) circuit.open(reason, this.isSlow);
  }

  #rateReached(window: OutcomeWindow): 'failure_rate' | 'slow_rate' | undefined {
    const limits = this.circuit.options.window;
    if (limits === undefined) return undefined;
    const minimumCalls = limits.minimumCalls ?? (limits.type === 'count' ? limits.size : 20);
    if (window.calls < minimumCalls) return undefined;
    if (window.failures / window.calls >= limits.failureRate) return 'failure_rate';
    return this.isSlow ? 'slow_rate' : undefined;
  }
}
