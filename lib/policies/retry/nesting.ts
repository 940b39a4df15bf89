import { enableCallContext, type RetriedCall } from '../../core/call';

/** Whether some retry asks if another one is around it. Until then, no call is marked as retried. */
export const nesting = { isWatched: false };

/** From the next call on, retried calls are known as such to the calls made inside them, across awaits. */
export function watchNesting(): void {
  nesting.isWatched = true;
  enableCallContext();
}

/** A call under a retry. Work that it leaves behind in the background may outlive it, and is then retried by nobody. */
export class Retried implements RetriedCall {
  #isOver = false;

  /** @param mayRepeat - Whether its arguments allow another attempt. */
  constructor(private readonly mayRepeat: () => boolean) {}

  get isGoingOn(): boolean {
    return !this.#isOver && this.mayRepeat();
  }

  end(): void {
    this.#isOver = true;
  }
}
