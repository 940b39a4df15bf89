import type { Admission, Attempt } from './admission';
import type { Epoch } from './epoch';
import type { Machine } from './machine';
import { AttemptPermit } from './permit';

/** A few calls, the probes, try whether the dependency is back; the others are rejected. */
export class HalfOpenEpoch implements Epoch {
  readonly state = 'half_open';
  /** The probes under way, and when each loses its slot. */
  readonly #probes = new Map<AttemptPermit, number>();
  #successes = 0;

  /** @param openTimeMs - How long the circuit was open: the time a probe gets when the options name none. */
  constructor(
    private readonly machine: Machine,
    readonly number: number,
    readonly openTimeMs: number,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): AttemptPermit | undefined {
    const { machine } = this;
    const { maxCalls, probeTimeout } = machine.options.halfOpen;
    const nowMs = machine.now();
    this.#dropSilent(nowMs);
    if (this.#probes.size >= maxCalls) return undefined;
    const probe = new AttemptPermit(machine, this, attempt, true);
    this.#probes.set(probe, nowMs + (probeTimeout ?? this.openTimeMs));
    probe.announce();
    return probe;
  }

  release(probe: AttemptPermit): boolean {
    const expiresAtMs = this.#probes.get(probe);
    this.#probes.delete(probe);
    return expiresAtMs !== undefined && this.machine.now() < expiresAtMs;
  }

  countSuccess(): void {
    const { maxCalls, successThreshold } = this.machine.options.halfOpen;
    if (++this.#successes >= (successThreshold ?? maxCalls)) this.machine.close('probe_succeeded');
  }

  countFailure(): void {
    this.machine.open('probe_failed');
  }

  /** A hung probe must not keep its slot for ever. */
  #dropSilent(nowMs: number): void {
    for (const [probe, expiresAtMs] of this.#probes) {
      if (nowMs >= expiresAtMs) this.#probes.delete(probe);
    }
  }
}
