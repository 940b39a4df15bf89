import type { Admission, Attempt, OwnPermit } from './admission';
import type { Circuit } from './circuit';
import type { Epoch } from './epoch';

/** Calls are rejected until the open time has passed. No timer waits for it: the first call that finds it over goes on. */
export class OpenEpoch implements Epoch {
  readonly state = 'open';
  /** How long the circuit was to stay open yet when it last rejected an attempt, in milliseconds. */
  rejectedForMs = 0;

  /**
   * @param openedAtMs - By the time that states age by.
   * @param openTimeMs - How long the circuit stays open.
   * @param spread - Which point of the jitter this opening drew, from -1 to 1.
   */
  constructor(
    protected readonly circuit: Circuit,
    readonly number: number,
    readonly openedAtMs: number,
    private lastsMs: number,
    readonly spread: number,
  ) {}

  get openTimeMs(): number {
    return this.lastsMs;
  }

  /** Takes over another open time, which an operator configured. */
  reschedule(openTimeMs: number): void {
    this.lastsMs = openTimeMs;
  }

  get untilMs(): number {
    return this.openedAtMs + this.openTimeMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.untilMs;
  }

  admit(attempt: Attempt): Admission | undefined {
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): OwnPermit | undefined {
    if (!this.passes()) return undefined;
    this.circuit.halfOpen();
    // Not necessarily half open: a listener may have reset or tripped the breaker meanwhile.
    return this.circuit.epoch === this ? undefined : this.circuit.epoch.permit(attempt);
  }

  /** Whether the open time is over; remembers how much of it is left. */
  protected passes(): boolean {
    const leftMs = this.untilMs - this.circuit.ageNow();
    if (leftMs > 0) this.rejectedForMs = leftMs;
    return leftMs <= 0;
  }

  // It admits nothing, so nothing of it comes back.
  release(): boolean {
    return false;
  }

  countSuccess(): void {}

  countFailure(): void {}
}

/** Whether an epoch is open; by its state, for it may be of another copy of the package, as where that one shares the breaker. */
export function isOpen(epoch: Epoch): epoch is OpenEpoch {
  return epoch.state === 'open';
}
