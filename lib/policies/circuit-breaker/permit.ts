import { hasCode } from '../../core/errors';
import type { Outcome } from '../../core/outcome';
import { about, type Admission, type Attempt } from './admission';
import type { Epoch } from './epoch';
import type { Machine } from './machine';

/** The right to run one attempt, taken by `breaker.acquire()`. The first of its three answers settles it; later ones do nothing. */
export interface Permit {
  /** The attempt worked. */
  success(value?: unknown): void;
  /** The attempt failed. */
  failure(error?: unknown): void;
  /** The attempt says nothing about the dependency; a probe's slot is given back. */
  ignore(): void;
  /** Whether it was let through in `half_open`. */
  readonly isProbe: boolean;
  readonly settled: boolean;
}

/** The permit of one attempt, which knows when it began and whose call it belongs to. */
export class AttemptPermit implements Permit, Admission {
  settled = false;
  readonly #startedAtMs: number;

  /** @param epoch - Whose permit it is; `'unrecorded'` under `disable`, `'would_reject'` when `shadow` let it through. */
  constructor(
    private readonly machine: Machine,
    private readonly epoch: Epoch | 'unrecorded' | 'would_reject',
    private readonly attempt: Attempt | undefined,
    readonly isProbe = false,
  ) {
    this.#startedAtMs = machine.now();
    machine.inFlight++;
  }

  success(value?: unknown): void {
    this.#settle('success', { value });
  }

  failure(error?: unknown): void {
    this.#settle('failure', { error });
  }

  ignore(): void {
    this.#settle('ignored', {});
  }

  readonly onSuccess = (value: unknown): unknown => {
    this.#settle(this.machine.judgeValue(value, this.attempt, this.#durationMs()), { value });
    return value;
  };

  failed(error: unknown): unknown {
    const { machine, attempt } = this;
    const cancellation = attempt?.cancellation;
    const byCaller = cancellation?.aborted === true && !this.#isOwnTimeout(cancellation.reason);
    const outcome = byCaller && !machine.classifies ? 'ignored' : machine.judgeError(error, attempt, this.#durationMs());
    this.#settle(outcome, { error });
    return byCaller ? cancellation.reason : error;
  }

  readonly onFailure = (error: unknown): never => {
    throw this.failed(error);
  };

  /** Tells that a probe begins. */
  announce(): void {
    this.machine.notify('probe', () => ({ ...about(this.attempt), duration: 0 }));
  }

  #settle(outcome: Outcome, result: { value?: unknown; error?: unknown }): void {
    if (this.settled) return;
    this.settled = true;
    const { machine } = this;
    machine.inFlight--;
    const type = this.#record(outcome, result.error);
    if (type === undefined) return;
    machine.notify(type, () => ({
      ...about(this.attempt),
      duration: this.#durationMs(),
      ...result,
      ...(this.epoch === 'would_reject' && { wouldReject: true as const }),
    }));
  }

  /** @returns What it counted as; undefined when nobody is to know of it. */
  #record(outcome: Outcome, error: unknown): Outcome | 'late' | undefined {
    const { machine, epoch } = this;
    if (epoch === 'unrecorded') return undefined;
    if (epoch === 'would_reject') return machine.isDisabled ? undefined : outcome;
    const slow = machine.isSlow(this.#durationMs());
    // A probe that lost its slot is as late as a result of an older epoch.
    return machine.record(epoch.release(this) ? epoch : undefined, outcome, error, slow);
  }

  #durationMs(): number {
    return this.machine.now() - this.#startedAtMs;
  }

  /** An abort by a timeout of this operation's own pipeline is the dependency's failure, not the caller's wish. */
  #isOwnTimeout(reason: unknown): boolean {
    return hasCode(reason, 'BREAKER_TIMEOUT') && reason.operation === this.machine.operation;
  }
}
