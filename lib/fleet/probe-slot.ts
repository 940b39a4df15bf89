import type { CancellationSource } from '../core/cancellation';
import type { SharedBreaker } from './shared-breaker';
import { Timer } from './timer';

/** A slot for one probe over all processes. It is renewed while the probe runs, or while it waits for one; the probe ends when it cannot be. */
export class ProbeSlot {
  /** It waits for a call: no probe runs. */
  isIdle = true;
  readonly givenAtMs: number;
  /** Ends the probe. */
  #probe: CancellationSource | undefined;
  /** It is lost, or nobody needs it any more. */
  #isOver = false;
  /** Until when the store surely keeps it, by the monotonic clock: counted from when it was asked for. */
  #heldUntilMs: number;
  #renewAtMs = Infinity;
  #probeUntilMs = Infinity;
  readonly #timer: Timer;

  /** @param epoch - The half-open period that it is of. */
  constructor(
    readonly id: string,
    readonly epoch: number,
    private readonly shared: SharedBreaker,
    askedAtMs: number,
  ) {
    this.givenAtMs = askedAtMs;
    this.#heldUntilMs = askedAtMs + this.#lease;
    this.#timer = new Timer(shared.sharing.timers);
  }

  get #nowMs(): number {
    return this.shared.sharing.clock.now();
  }

  get #lease(): number {
    return this.shared.sharing.options.lease;
  }

  get isHeld(): boolean {
    return !this.#isOver && this.#nowMs < this.#heldUntilMs;
  }

  /** It came too late for the call that asked, and is kept for the next one. */
  keep(): void {
    void this.#renew();
  }

  begin(probe: CancellationSource): void {
    const nowMs = this.#nowMs;
    this.isIdle = false;
    this.#probe = probe;
    this.#renewAtMs = nowMs + this.#lease / 3;
    this.#probeUntilMs = nowMs + this.shared.breaker.settings.probeTimeout;
    this.#wait();
  }

  /** Its probe has ended, or none began, or its probe need not end: the circuit is closed. */
  free(): void {
    this.#isOver = true;
    this.#timer.stop();
  }

  settle(): void {
    this.free();
    this.#probe?.release();
  }

  /** It was taken away, but no other probe is let through before it would have ended: until then its own may run. */
  expire(): void {
    this.#renewAtMs = Infinity;
    this.#wait();
  }

  #wait(): void {
    if (this.#isOver) return;
    const endMs = this.isIdle ? Infinity : Math.min(this.#heldUntilMs, this.#probeUntilMs);
    this.#timer.start(Math.max(0, Math.min(this.#renewAtMs, endMs) - this.#nowMs), () => {
      const nowMs = this.#nowMs;
      if (nowMs >= this.#probeUntilMs) this.shared.slots.release(this.id);
      if (nowMs >= endMs) this.#lose();
      else void this.#renew();
    });
  }

  #lose(): void {
    if (this.#isOver) return;
    this.free();
    this.#probe?.abort(this.shared.slots.reasonOfEnd());
  }

  async #renew(): Promise<void> {
    const askedAtMs = this.#nowMs;
    this.#renewAtMs = askedAtMs + this.#lease / 3;
    this.#wait();
    const isRenewed = await this.shared.slots.renew(this);
    if (isRenewed === false) this.#lose();
    if (isRenewed !== true) return;
    this.#heldUntilMs = askedAtMs + this.#lease;
    this.#wait();
  }
}
