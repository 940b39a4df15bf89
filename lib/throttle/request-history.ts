import type { AgeClock } from '../core/clock';
import { TimeWindow } from '../breaker/windows';

/**
 * Counts the requests of the last while: accepted by the dependency, or not, be it by the dependency or by the
 * throttle itself. A request counts once that is known: those under way speak neither for the dependency nor against it, or
 * the first few calls made at a time would throttle each other.
 */
export class RequestHistory {
  readonly #window: TimeWindow;

  constructor(
    windowMs: number,
    private readonly age: AgeClock,
  ) {
    this.#window = new TimeWindow(windowMs);
  }

  get isEmpty(): boolean {
    this.#window.stats(this.age.now());
    return this.#window.calls === 0;
  }

  add(accepted: boolean): void {
    this.#window.record(!accepted, false, this.age.quickNow());
  }

  /**
   * The probability with which a client should hold a request back: `max(0, (requests − k · accepts) / (requests + 1))`.
   *
   * @param k - Requests sent per accepted one.
   * @see https://sre.google/sre-book/handling-overload/#client-side-throttling-a7sYUg
   */
  rejectionProbability(k: number): number {
    const window = this.#window;
    // While every request was accepted it is 0, whatever leaves the window: the clock need not be asked.
    if (window.failures === 0) return 0;
    window.stats(this.age.now());
    const accepts = window.calls - window.failures;
    return Math.max(0, (window.calls - k * accepts) / (window.calls + 1));
  }
}
