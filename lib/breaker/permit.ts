import { CALLERS_ABORT, toBeJudged, type Outcome } from '../core/outcome';
import { Rejection } from '../core/rejection';
import { about, type Attempt, type OwnPermit } from './admission';
import type { Circuit } from './circuit';
import type { Epoch } from './epoch';

/** The permit of one attempt, which knows when it began and whose call it belongs to. */
export class AttemptPermit implements OwnPermit {
  settled = false;
  readonly #startedAtMs: number;

  /** @param epoch - Whose permit it is; `'unrecorded'` under `disable`, `'would_reject'` when `shadow` let it through. */
  constructor(
    private readonly circuit: Circuit,
    private readonly epoch: Epoch | 'unrecorded' | 'would_reject',
    private readonly attempt: Attempt | undefined,
    readonly isProbe = false,
  ) {
    this.#startedAtMs = circuit.now();
    circuit.inFlight++;
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
    this.#settle(this.circuit.judgeValue(value, this.attempt, this.#durationMs()), { value });
    return value;
  };

  failed(error: unknown): unknown {
    const { circuit, attempt } = this;
    const cancellation = attempt?.cancellation;
    const judged = toBeJudged(error, circuit.operation, cancellation);
    const byCaller = judged === CALLERS_ABORT;
    const outcome =
      byCaller && !circuit.classifies ? 'ignored' : circuit.judgeError(byCaller ? error : judged, attempt, this.#durationMs());
    this.#settle(outcome, { error });
    return byCaller ? cancellation?.reason : error;
  }

  readonly onFailure = (error: unknown): Rejection => new Rejection(this.failed(error));

  /** Tells that a probe begins. */
  announce(): void {
    this.circuit.notify('probe', () => ({ ...about(this.attempt), duration: 0 }));
  }

  #settle(outcome: Outcome, result: { value?: unknown; error?: unknown }): void {
    if (this.settled) return;
    this.settled = true;
    const { circuit } = this;
    circuit.inFlight--;
    const type = this.#record(outcome, result.error);
    if (type === undefined) return;
    this.attempt?.watch?.counted(type, circuit.epoch.state);
    circuit.notify(type, () => ({
      ...about(this.attempt),
      duration: this.#durationMs(),
      ...result,
      ...(this.epoch === 'would_reject' && { wouldReject: true as const }),
    }));
  }

  /** @returns What it counted as; undefined when nobody is to know of it. */
  #record(outcome: Outcome, error: unknown): Outcome | 'late' | undefined {
    const { circuit, epoch } = this;
    if (epoch === 'unrecorded') return undefined;
    if (epoch === 'would_reject') return circuit.isDisabled ? undefined : outcome;
    const slow = circuit.isSlow(this.#durationMs());
    const counts = slow && outcome === 'success' && this.isProbe && circuit.isOpenedBySlowness ? 'failure' : outcome;
    return circuit.record(epoch.release(this, counts) ? epoch : undefined, counts, error, slow);
  }

  #durationMs(): number {
    return this.circuit.now() - this.#startedAtMs;
  }
}
