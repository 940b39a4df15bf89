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
  /** A probe has used up its time: the slot is given back, and the probe counts for nothing any more. */
  overran(slot: ProbeSlot): void;
}

/** A slot for one probe over all processes. It is renewed while the probe runs; the probe ends when it cannot be. */
export class ProbeSlot {
  /** Ends the probe. */
  ends: CancellationSource | undefined;
  #state: 'held' | 'lost' | 'free' | 'settled' = 'held';
  readonly #renewal: Timer;
  readonly #end: Timer;
  readonly #overrun: Timer;

  /** @param heldUntilMs - Until when the store surely keeps it, by the monotonic clock: counted from when it was asked for. */
  constructor(
    readonly id: string,
    private readonly owner: SlotOwner,
    private heldUntilMs: number,
  ) {
    this.#renewal = new Timer(owner.clock);
    this.#end = new Timer(owner.clock);
    this.#overrun = new Timer(owner.clock);
  }

  /** Whether the probe still counts. */
  get isHeld(): boolean {
    return this.#state === 'held' && this.owner.clock.now() < this.heldUntilMs;
  }

  /** Its probe begins. */
  begin(): void {
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
    const { owner } = this;
    this.#renewal.start(owner.lease / 3, () => {
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
