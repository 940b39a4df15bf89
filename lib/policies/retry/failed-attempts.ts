import { Amplification } from './amplification';
import { noteAttempts, type Retrier } from './attempts';

/** How an attempt failed: by an error, or by a value that `handleResult` refused. */
export type Failure = { readonly error: unknown } | { readonly error?: undefined; readonly value: unknown };

/** The attempts that a call has made, and what it comes to when it is given up. One that the open circuit rejected was none. */
export class FailedAttempts {
  count = 0;
  /** The last failure of the function itself, which an open circuit must not hide. */
  #original: Failure | undefined;
  readonly #amplification: Amplification;

  constructor(private readonly retrier: Retrier) {
    this.#amplification = new Amplification(retrier);
  }

  /** Tells that another attempt begins. */
  begin(): void {
    this.#amplification.begin();
  }

  add(failure: Failure): void {
    this.#original = failure;
    this.count++;
    this.#amplification.failed(failure.error);
  }

  /** What the call gives after all. @throws What it failed with; `rejection` when no attempt was made. */
  giveUp(rejection: Failure): unknown {
    const final = this.#original ?? rejection;
    if ('value' in final) return final.value;
    if (this.count > 0) noteAttempts(final.error, this.count, this.retrier, this.#amplification.runs);
    throw final.error;
  }
}
