import { CancellationSource, type Cancellation } from '../core/cancellation';

/**
 * One run that several calls wait for. Each may leave, when its own call is ended; the run is aborted when the last has
 * left.
 */
export class Flight {
  /** The cancellation of the run: it is cancelled when all of its calls are, not one alone. */
  readonly cancellation = new CancellationSource();
  /** Ends the flight the way a run ends. */
  land!: (run: Promise<unknown>) => void;
  readonly #landed: Promise<unknown>;
  #isClaimed = false;
  /** Calls that wait. One that nothing can end never leaves. */
  #waiting = 0;

  /** @param onAbandoned - Told when the last has left, before the run is aborted. */
  constructor(private readonly onAbandoned: () => void) {
    this.#landed = new Promise((resolve) => {
      this.land = resolve;
    });
  }

  /** Waits for the run, or until `cancellation` ends the waiting call, which rejects with its reason at once. */
  join(cancellation: Cancellation | undefined): Promise<unknown> {
    this.#waiting++;
    if (cancellation === undefined) return this.#landed;
    return new Promise((resolve, reject) => {
      const unsubscribe = cancellation.subscribe(() => {
        reject(cancellation.reason);
        this.#leave(cancellation.reason);
      });
      // Before those who wait go on: their signal may be looked at then.
      void this.#landed.then(unsubscribe, unsubscribe);
      this.#landed.then(resolve, reject);
    });
  }

  /** @returns Whether the caller is the first to claim a result that only one can read. */
  claim(): boolean {
    const isFirst = !this.#isClaimed;
    this.#isClaimed = true;
    return isFirst;
  }

  /** Whether all who waited have left: nobody gets the result. */
  get isAbandoned(): boolean {
    return this.#waiting === 0;
  }

  #leave(reason: unknown): void {
    if (--this.#waiting > 0) return;
    this.onAbandoned();
    this.cancellation.abort(reason);
  }
}
