import type { Admission, Attempt, OwnPermit } from './admission';
import type { Circuit } from './circuit';
import type { Epoch } from './epoch';
import { AttemptPermit } from './permit';

/** A few calls, the probes, try whether the dependency is back; the others are rejected. */
export class HalfOpenEpoch implements Epoch {
  readonly state = 'half_open';
  /** Slots that are taken: the probe that holds each, and when it loses it. */
  readonly #slots = new Map<OwnPermit, number>();
  #successes = 0;

  constructor(
    private readonly circuit: Circuit,
    readonly number: number,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): OwnPermit | undefined {
    const { circuit } = this;
    const { halfOpen, recoveryTimeout } = circuit.options;
    const nowMs = circuit.now();
    this.#freeSilent(nowMs);
    if (this.#slots.size >= halfOpen.maxCalls) return undefined;
    const probe = new AttemptPermit(circuit, this, attempt, true);
    this.#slots.set(probe, nowMs + (halfOpen.probeTimeout ?? recoveryTimeout));
    probe.announce();
    return probe;
  }

  // A result counts also after its probe has lost the slot. Otherwise a dependency whose answers take longer never recovers.
  release(probe: OwnPermit): boolean {
    this.#slots.delete(probe);
    return true;
  }

  countSuccess(): void {
    const { maxCalls, successThreshold } = this.circuit.options.halfOpen;
    if (++this.#successes >= (successThreshold ?? maxCalls)) this.circuit.close('probe_succeeded');
  }

  countFailure(): void {
    this.circuit.open('probe_failed');
  }

  /** A hung probe must not keep its slot for ever. */
  #freeSilent(nowMs: number): void {
    for (const [probe, expiresAtMs] of this.#slots) {
      if (nowMs >= expiresAtMs) this.#slots.delete(probe);
    }
  }
}
