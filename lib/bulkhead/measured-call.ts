import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { CALLERS_ABORT, toBeJudged, type Judge, type Outcome } from '../core/outcome';
import { OpenStream, type StreamReport } from '../core/stream';
import type { Admitted } from './adaptive-limit';
import type { Slots } from './slots';

/** How the calls of an adaptive bulkhead are measured. */
export interface Meter {
  readonly clock: Clock;
  readonly judge: Judge;
  /** Told of a limit that has changed. */
  readonly changed: (slots: Slots, from: number, call: Call) => void;
}

/**
 * A call in a slot of an adaptive bulkhead: its end gives the slot back, and tells the limit what it has shown. Of a stream,
 * the time to its first item is what counts; how long it is says nothing about the load.
 */
export class MeasuredCall implements StreamReport {
  readonly #meter: Meter;
  readonly #slots: Slots;
  readonly #call: Call;
  readonly #startedAtMs: number;
  readonly #round: number;
  readonly #running: number;
  #durationMs: number | undefined;

  constructor(meter: Meter, slots: Slots, call: Call, { round, running }: Admitted) {
    this.#meter = meter;
    this.#slots = slots;
    this.#call = call;
    this.#startedAtMs = meter.clock.now();
    this.#round = round;
    this.#running = running;
  }

  /** The attempt gave a value, or a stream that has begun. */
  succeeded(value: unknown): void {
    if (OpenStream.is(value)) {
      this.#durationMs = this.#elapsedMs();
      value.report(this);
    } else this.onSuccess(value);
  }

  onSuccess(value: unknown): void {
    const { judge } = this.#meter;
    this.#end(judge.value?.({ ok: true, value, ...this.#settled }) ?? 'success');
  }

  success(): void {
    this.#end('success');
  }

  ignore(): void {
    this.#end('ignored');
  }

  failed(error: unknown): unknown {
    const { operation, cancellation } = this.#call;
    const judged = toBeJudged(error, operation, cancellation);
    this.#end(judged === CALLERS_ABORT ? 'ignored' : this.#meter.judge.error({ ok: false, error: judged, ...this.#settled }));
    return error;
  }

  get #settled() {
    return { duration: this.#elapsedMs(), signal: undefined, operation: this.#call.operation };
  }

  #elapsedMs(): number {
    return this.#durationMs ?? this.#meter.clock.now() - this.#startedAtMs;
  }

  #end(outcome: Outcome): void {
    const slots = this.#slots;
    const from = slots.limit;
    if (outcome !== 'ignored') {
      const isFailure = outcome === 'failure';
      slots.learn({ round: this.#round, running: this.#running, durationMs: this.#elapsedMs(), isFailure });
    }
    slots.release();
    if (slots.limit !== from) this.#meter.changed(slots, from, this.#call);
  }
}
