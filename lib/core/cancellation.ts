/**
 * What can end a call from outside. Cheaper than an `AbortSignal`, which is made only when somebody asks for it:
 * an `AbortController` whose signal is read costs about sixty calls of a protected function.
 */
export interface Cancellation {
  readonly aborted: boolean;
  /** Why it was aborted; undefined before. */
  readonly reason: unknown;
  /** The same as a standard signal. */
  readonly signal: AbortSignal;
  /** Calls `fn` once, when aborted. @returns A function that takes the subscription back. */
  subscribe(fn: () => void): () => void;
}

/** A user's `AbortSignal` as a cancellation. */
export class SignalCancellation implements Cancellation {
  constructor(readonly signal: AbortSignal) {}

  get aborted(): boolean {
    return this.signal.aborted;
  }

  get reason(): unknown {
    return this.signal.reason as unknown;
  }

  subscribe(fn: () => void): () => void {
    this.signal.addEventListener('abort', fn, { once: true });
    return () => {
      this.signal.removeEventListener('abort', fn);
    };
  }
}

/** A cancellation of our own, which may follow others: {@link CancellationSource.release} ends the following. */
export class CancellationSource implements Cancellation {
  aborted = false;
  reason: unknown;
  #controller: AbortController | undefined;
  readonly #subscribers = new Set<() => void>();
  readonly #unfollow: (() => void)[] = [];

  constructor(...followed: (Cancellation | undefined)[]) {
    for (const other of followed) {
      if (other === undefined) continue;
      if (other.aborted) this.abort(other.reason);
      else {
        this.#unfollow.push(
          other.subscribe(() => {
            this.abort(other.reason);
          }),
        );
      }
    }
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts once; later calls do nothing. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.release();
    this.#controller?.abort(reason);
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const notify of subscribers) notify();
  }

  subscribe(fn: () => void): () => void {
    this.#subscribers.add(fn);
    return () => {
      this.#subscribers.delete(fn);
    };
  }

  /** Leaves the cancellations it follows, when the work it stands for has settled. */
  release(): void {
    for (const unfollow of this.#unfollow.splice(0)) unfollow();
  }
}

/** One cancellation for several sources, any of which may be missing. */
export function anyOf(first: Cancellation | undefined, second: Cancellation | undefined): Cancellation | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second;
  return new CancellationSource(first, second);
}
