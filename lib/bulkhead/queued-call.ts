import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { remainingMs } from '../core/deadline';
import { startTimer } from '../core/timer';
import type { Admitted } from './adaptive-limit';
import type { Slots, Waiter } from './slots';

/** What a waiting call needs to know. */
export interface Waiting {
  readonly call: Call;
  readonly clock: Clock;
  /** `Infinity` for no bound of its own. */
  readonly maxWaitMs: number;
  /** The error when no slot came free in time. */
  readonly tooLate: () => unknown;
}

/** A call in the queue of a bulkhead. It leaves no timer and no listener behind, however its wait ends. */
export class QueuedCall implements Waiter, Admitted {
  /**
   * Fulfilled when it has a slot; rejected when it is cancelled, or no slot came free in time.
   *
   * What waits for this promise runs in the async context that it began to wait in. Run by {@link admit}, it would run in the
   * context of the call that gave the slot back.
   */
  readonly turn: Promise<void>;
  // As it was when it was admitted. Before it begins, the limit may have changed.
  round = 0;
  running = 0;
  readonly #slots: Slots;
  readonly #waiting: Waiting;
  readonly #unsubscribe: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;

  constructor(slots: Slots, waiting: Waiting) {
    const { cancellation } = waiting.call;
    this.#slots = slots;
    this.#waiting = waiting;
    this.turn = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#unsubscribe = cancellation?.subscribe(() => {
      this.#giveUp(() => cancellation.reason);
    });
    this.#arm(waiting.maxWaitMs);
    slots.enqueue(this);
  }

  admit(): void {
    this.round = this.#slots.round;
    this.running = this.#slots.running;
    this.#leaveNothing();
    this.#resolve();
  }

  #arm(maxWaitMs: number): void {
    const { call, clock, tooLate } = this.#waiting;
    const leftMs = remainingMs(call.limit);
    const waitMs = Math.max(0, Math.min(maxWaitMs, leftMs));
    if (waitMs === Infinity) return;
    this.#cancelTimer = startTimer(clock, waitMs, () => {
      // The deadline is further away than it was: the work that had it has settled, or the timer was early.
      if (waitMs < maxWaitMs && remainingMs(call.limit) > 0) this.#arm(maxWaitMs - waitMs);
      else this.#giveUp(tooLate);
    });
  }

  #giveUp(reason: () => unknown): void {
    this.#slots.leave(this);
    this.#leaveNothing();
    this.#reject(reason());
  }

  #leaveNothing(): void {
    this.#cancelTimer?.();
    this.#unsubscribe?.();
  }
}
