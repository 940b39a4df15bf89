import type { Admission, Attempt, OwnPermit } from './admission';
import type { Circuit } from './circuit';
import type { Epoch } from './epoch';
import { AttemptPermit } from './permit';

/** A few calls, the probes, try whether the dependency is back; the others are rejected. */
export class HalfOpenEpoch implements Epoch {
  readonly state = 'half_open';
  /** The probes under way, and when each loses its slot. */
  readonly #probes = new Map<OwnPermit, number>();
  #successes = 0;

  /** @param openTimeMs - How long the circuit was open: the time a probe gets when the options name none. */
  constructor(
    private readonly circuit: Circuit,
    readonly number: number,
    readonly openTimeMs: number,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): OwnPermit | undefined {
    const { circuit } = this;
    const { maxCalls, probeTimeout } = circuit.options.halfOpen;
    const nowMs = circuit.now();
    this.#dropSilent(nowMs);
    if (this.#probes.size >= maxCalls) return undefined;
    const probe = new AttemptPermit(circuit, this, attempt, true);
    this.#probes.set(probe, nowMs + (probeTimeout ?? this.openTimeMs));
    probe.announce();
    return probe;
  }

  release(probe: OwnPermit): boolean {
    const isHeld = this.circuit.now() < (this.#probes.get(probe) ?? -Infinity);
    this.#probes.delete(probe);
    return isHeld;
  }

  countSuccess(): void {
    const { maxCalls, successThreshold } = this.circuit.options.halfOpen;
    if (++this.#successes >= (successThreshold ?? maxCalls)) this.circuit.close('probe_succeeded');
  }

  countFailure(): void {
    this.circuit.open('probe_failed');
  }

  /** A hung probe must not keep its slot for ever. */
  #dropSilent(nowMs: number): void {
    for (const [probe, expiresAtMs] of this.#probes) {
      if (nowMs >= expiresAtMs) this.#probes.delete(probe);
    }
  }
}
