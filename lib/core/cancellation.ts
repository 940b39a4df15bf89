import { abortError } from './abort-error';
import { propertyOf } from './thrown';

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

/**
 * A user's `AbortSignal` as a cancellation: one for each signal, with one listener however many calls share it. A listener
 * for each call would make Node warn of a leak from the eleventh on.
 */
export class SignalCancellation implements Cancellation {
  static readonly #known = new WeakMap<AbortSignal, SignalCancellation>();
  readonly #subscribers = new Set<() => void>();
  #ownReason: Error | undefined;

  private constructor(readonly signal: AbortSignal) {}

  static of(signal: AbortSignal): SignalCancellation {
    const cancellation = this.#known.get(signal) ?? new SignalCancellation(signal);
    this.#known.set(signal, cancellation);
    return cancellation;
  }

  get aborted(): boolean {
    return propertyOf(this.signal, 'aborted') === true;
  }

  /** A polyfill may tell no reason: then it is an `AbortError`, as the platform's would be, the same for all who ask. */
  get reason(): unknown {
    const reason = propertyOf(this.signal, 'reason');
    if (reason !== undefined || !this.aborted) return reason;
    return (this.#ownReason ??= abortError('This operation was aborted'));
  }

  subscribe(fn: () => void): () => void {
    // A function of its own for each subscription: the same `fn` may subscribe twice.
    const subscriber = (): void => {
      fn();
    };
    if (this.#subscribers.size === 0) this.#listen('addEventListener', { once: true });
    this.#subscribers.add(subscriber);
    return () => {
      if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) {
        this.#listen('removeEventListener');
      }
    };
  }

  /** A signal that throws when it is listened to ends nothing, and does no harm. */
  #listen(method: 'addEventListener' | 'removeEventListener', options?: { once: true }): void {
    try {
      this.signal[method]('abort', this.#notify, options);
    } catch {
      // It may be a proxy, or a stranger's own.
    }
  }

  readonly #notify = (): void => {
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const notify of subscribers) notify();
  };
}

/** A cancellation of our own, which may follow others: {@link CancellationSource.release} ends the following. */
export class CancellationSource implements Cancellation {
  aborted = false;
  reason: unknown;
  #controller: AbortController | undefined;
  readonly #subscribers = new Set<() => void>();
  readonly #followed = new Set<() => void>();

  constructor(...followed: (Cancellation | undefined)[]) {
    for (const other of followed) this.follow(other);
  }

  /** Aborts when `other` does. @returns A function that ends the following. */
  follow(other: Cancellation | undefined): () => void {
    if (other === undefined || this.aborted) return nothing;
    if (other.aborted) {
      this.abort(other.reason);
      return nothing;
    }
    const unsubscribe = other.subscribe(() => {
      this.abort(other.reason);
    });
    const unfollow = (): void => {
      this.#followed.delete(unfollow);
      unsubscribe();
    };
    this.#followed.add(unfollow);
    return unfollow;
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
    for (const unfollow of this.#followed) unfollow();
  }
}

function nothing(): void {
  // There is nothing to end.
}
