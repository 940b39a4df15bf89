import { Amplification } from './amplification';
import { EarlierErrors, noteAttempts, type Retrier } from './attempts';
import { whatOf, type Failure } from './failure';
import type { Retried } from './nesting';

/** The attempts that a call has made, and what it comes to when it is given up. One that the open circuit rejected was none. */
export class FailedAttempts {
  count = 0;
  /** The last failure of the function itself, which an open circuit must not hide. */
  #original: Failure | undefined;
  readonly #earlier = new EarlierErrors();
  readonly #amplification: Amplification;

  constructor(
    private readonly retrier: Retrier,
    private readonly retried: Retried,
  ) {
    this.#amplification = new Amplification(retrier);
  }

  /** Tells that another attempt begins. */
  begin(): void {
    this.#amplification.begin();
  }

  add(failure: Failure): void {
    if (this.#original !== undefined) this.#earlier.add(whatOf(this.#original));
    this.#original = failure;
    // Of an attempt that some policy rejected, the function did not run, and what the attempt before left is still there.
    this.retried.disposeLeftover(failure);
    this.retried.leave(failure);
    this.count++;
    this.#amplification.failed(failure.error);
  }

  /** What the call gives after all. @throws What it failed with; `rejection` when no attempt was made. */
  giveUp(rejection: Failure): unknown {
    const final = this.#original ?? rejection;
    if ('value' in final) return final.value;
    if (this.count > 0) this.#note(final.error);
    throw final.error;
  }

  #note(error: unknown): void {
    const { count: attempts, retrier: by } = this;
    noteAttempts(error, by.operation, { attempts, earlier: this.#earlier.list, by, runs: this.#amplification.runs });
  }

  /** The call was aborted: nobody gets what the last attempt left. @throws Why. */
  abandon({ reason }: { readonly reason: unknown }): never {
    this.retried.disposeLeftover();
    throw reason;
  }
}
