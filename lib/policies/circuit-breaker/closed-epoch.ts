import type { OutcomeWindow } from '../../window/outcome-window';
import type { Admission, Attempt } from './admission';
import type { Epoch } from './epoch';
import type { Machine } from './machine';
import { AttemptPermit } from './permit';

/**
 * Calls pass, and their outcomes are counted until they trip the circuit.
 *
 * The epoch itself is the admission of every attempt that needs nothing of its own. Its two reactions are made once, so
 * that a call costs no closure, and they know their epoch, so that late results are recognised all the same.
 */
export class ClosedEpoch implements Epoch, Admission {
  readonly state = 'closed';
  /** Outcomes of this closed period. */
  successes = 0;
  failures = 0;

  constructor(
    private readonly machine: Machine,
    readonly number: number,
    /** The outcomes that rates are judged on; absent when the consecutive count decides. */
    public window: OutcomeWindow | undefined,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    const { machine } = this;
    if (machine.sharesAdmissions && attempt.isPlain) {
      machine.inFlight++;
      return this;
    }
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): AttemptPermit {
    return new AttemptPermit(this.machine, this, attempt);
  }

  release(): boolean {
    return true;
  }

  readonly onSuccess = (value: unknown): unknown => {
    const { machine } = this;
    machine.inFlight--;
    if (machine.countsPlainly && machine.epoch === this) {
      machine.successes++;
      this.countSuccess(false);
    } else {
      machine.record(this, machine.judgeValue(value, undefined, 0), undefined, false);
    }
    return value;
  };

  readonly onFailure = (error: unknown): never => {
    throw this.failed(error);
  };

  failed(error: unknown): unknown {
    const { machine } = this;
    machine.inFlight--;
    machine.record(this, machine.judgeError(error, undefined, 0), error, false);
    return error;
  }

  ignore(): void {
    this.machine.inFlight--;
    this.machine.record(this, 'ignored', undefined, false);
  }

  countSuccess(slow: boolean): void {
    this.successes++;
    this.machine.failureCount = 0;
    if (this.window !== undefined) this.#countInWindow(this.window, false, slow);
  }

  countFailure(slow: boolean): void {
    const { machine, window } = this;
    this.failures++;
    if (window !== undefined) this.#countInWindow(window, true, slow);
    else if (machine.failureCount >= machine.options.failureThreshold) machine.open('failure_threshold');
  }

  /** Share of failures, and of slow calls: of the window, else of the closed period. */
  rates(): { readonly failureRate: number; readonly slowRate: number } {
    const { window, machine } = this;
    window?.advance(machine.now());
    const calls = window?.calls ?? this.successes + this.failures;
    if (calls === 0) return { failureRate: 0, slowRate: 0 };
    return { failureRate: (window?.failures ?? this.failures) / calls, slowRate: (window?.slow ?? 0) / calls };
  }

  #countInWindow(window: OutcomeWindow, failed: boolean, slow: boolean): void {
    const { machine } = this;
    window.record(failed, slow, machine.windowNow());
    const limits = machine.options.window;
    if (limits === undefined) return;
    const minimumCalls = limits.minimumCalls ?? (limits.type === 'count' ? limits.size : 20);
    if (window.calls < minimumCalls) return;
    if (window.failures / window.calls >= limits.failureRate) machine.open('failure_rate');
    else if (window.slow / window.calls >= (limits.slowCallRate ?? Infinity)) machine.open('slow_rate');
  }
}
