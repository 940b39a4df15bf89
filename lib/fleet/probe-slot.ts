import type { CancellationSource } from '../core/cancellation';
import type { Clock } from '../core/clock';
import { Timer } from './timer';

/** What a slot leaves to who asked for it. */
export interface SlotOwner {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly lease: number;
  /** How long a probe may run. */
  readonly probeTimeout: number;
  /** Asks the store for another lease. @returns Whether there is one; undefined: no answer. */
  renew(slot: ProbeSlot): Promise<boolean | undefined>;
  /** Why a probe is ended whose slot is lost. */
  reasonOfEnd(): unknown;
  /** A probe has used up its time: the slot is given back. */
  overran(slot: ProbeSlot): void;
}

/** A slot for one probe over all processes. It is renewed while the probe runs, or while it waits for one; the probe ends when it cannot be. */
export class ProbeSlot {
  /** Ends the probe. */
  ends: CancellationSource | undefined;
  /** It waits for a call: no probe runs. */
  isIdle = true;
  #state: 'held' | 'lost' | 'free' | 'settled' = 'held';
  readonly #renewal: Timer;
  readonly #end: Timer;
  readonly #overrun: Timer;

  /**
   * @param epoch - The half-open period that it is of.
   * @param heldUntilMs - Until when the store surely keeps it, by the monotonic clock: counted from when it was asked for.
   */
  constructor(
    readonly id: string,
    readonly epoch: number,
    private readonly owner: SlotOwner,
    private heldUntilMs: number,
  ) {
    this.#renewal = new Timer(owner.clock);
    this.#end = new Timer(owner.clock);
    this.#overrun = new Timer(owner.clock);
  }

  get isHeld(): boolean {
    return this.#state === 'held' && this.owner.clock.now() < this.heldUntilMs;
  }

  /** It came too late for the call that asked, and is kept for the next one. */
  keep(): void {
    void this.#renew();
  }

  /** Its probe begins. */
  begin(): void {
    this.isIdle = false;
    this.#watchEnd();
    this.#renewLater();
    this.#overrun.start(this.owner.probeTimeout, () => {
      this.lose();
      this.owner.overran(this);
    });
  }

  /** Its probe has ended, or none began. */
  settle(): void {
    this.#state = 'settled';
    this.ends?.release();
    this.#stop();
  }

  /** The probe need not end: its circuit is closed. */
  free(): void {
    if (this.#state === 'held') this.#state = 'free';
    this.#stop();
  }

  /** It was taken away, but no other probe is let through before it would have ended: until then its own may run. */
  expire(): void {
    this.#renewal.stop();
  }

  lose(): void {
    if (this.#state !== 'held') return;
    this.#state = 'lost';
    this.#stop();
    this.ends?.abort(this.owner.reasonOfEnd());
  }

  #watchEnd(): void {
    this.#end.start(Math.max(0, this.heldUntilMs - this.owner.clock.now()), () => {
      this.lose();
    });
  }

  #renewLater(): void {
    this.#renewal.start(this.owner.lease / 3, () => {
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const { owner } = this;
    const askedAtMs = owner.clock.now();
    this.#renewLater();
    const isRenewed = await owner.renew(this);
    if (this.#state !== 'held') return;
    if (isRenewed === true) {
      this.heldUntilMs = askedAtMs + owner.lease;
      this.#watchEnd();
    } else if (isRenewed === false) {
      this.lose();
    }
  }

  #stop(): void {
    this.#renewal.stop();
    this.#end.stop();
    this.#overrun.stop();
  }
}
