import { enableCallContext, type RetriedCall } from '../core/call';
import { dispose } from '../core/dispose';
import { propertyOf } from '../core/thrown';
import type { Failure } from './failure';

/** Whether some retry asks if another one is around it. Until then, no first attempt is marked as retried. */
export const nesting = { isWatched: false };

/** From the next call on, retried calls are known as such to the calls made inside them, across awaits. */
export function watchNesting(): void {
  nesting.isWatched = true;
  enableCallContext();
}

/** A call under a retry. Work that it leaves behind in the background may outlive it, and is then retried by nobody. */
export class Retried implements RetriedCall {
  #isOver = false;
  #left: Failure | undefined;

  /** @param mayRepeat - Whether its arguments allow another attempt; absent while nobody asks. */
  constructor(private readonly mayRepeat?: () => boolean) {}

  get isGoingOn(): boolean {
    return !this.#isOver && this.mayRepeat?.() === true;
  }

  end(): void {
    this.#isOver = true;
  }

  /**
   * Keeps what an attempt gave until the function runs again. Not disposed of before: when the circuit lets no other attempt through, it is what
   * the call gives.
   */
  leave(failure: Failure): void {
    this.#left = failure;
  }

  /**
   * Disposes of what is kept: the body of a refused answer, returned or thrown, would keep its connection from the next attempt.
   *
   * @param next - What the next attempt came to, where that is known: an answer that came again, as from a cache, is still needed.
   */
  disposeLeftover(next?: Failure): void {
    const left = this.#left && answerOf(this.#left);
    this.#left = undefined;
    if (left !== undefined && (next === undefined || left !== answerOf(next))) dispose(left);
  }
}

/** The answer that an attempt gave: its value, or the response of its error. */
function answerOf(failure: Failure): unknown {
  return 'value' in failure ? failure.value : propertyOf(failure.error, 'response');
}
