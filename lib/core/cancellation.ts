import { nothing } from './call-safely';
import { propertyOf } from './safe-inspect';

/**
 * Ends a call from outside. Cheaper than an `AbortSignal`, which is made only when somebody asks for it:
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

/** Who wants to know of one abort. */
abstract class Subscribers {
  readonly #subscribers = new Set<() => void>();

  subscribe(fn: () => void): () => void {
    // A function of its own for each subscription: the same `fn` may subscribe twice.
    const subscriber = (): void => {
      fn();
    };
    this.#subscribers.add(subscriber);
    if (this.#subscribers.size === 1) this.listen?.('addEventListener');
    return () => {
      if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.listen?.('removeEventListener');
    };
  }

  /** Called for the first subscriber, and when the last has left. A cancellation of our own calls its subscribers itself. */
  protected listen?(method: 'addEventListener' | 'removeEventListener'): void;

  protected readonly notify = (): void => {
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber();
  };
}

/**
 * A user's `AbortSignal` as a cancellation: one for each signal, with one listener however many calls share it. A listener
 * for each call would make Node warn of a leak from the eleventh on.
 */
export class SignalCancellation extends Subscribers implements Cancellation {
  static readonly #known = new WeakMap<AbortSignal, SignalCancellation>();
  #ownReason: Error | undefined;

  private constructor(readonly signal: AbortSignal) {
    super();
  }

  static of(signal: AbortSignal): SignalCancellation {
    const cancellation = this.#known.get(signal) ?? new SignalCancellation(signal);
    this.#known.set(signal, cancellation);
    return cancellation;
  }

  get aborted(): boolean {
    return propertyOf(this.signal, 'aborted') === true;
  }

  /** A polyfill may have no reason: then it is an `AbortError`, as the platform's would be, the same for all who ask. */
  get reason(): unknown {
    const reason = propertyOf(this.signal, 'reason');
    return reason === undefined && this.aborted ? (this.#ownReason ??= abortError('This operation was aborted')) : reason;
  }

  protected override listen(method: 'addEventListener' | 'removeEventListener'): void {
    try {
      this.signal[method]('abort', this.notify, { once: true });
    } catch {
      // A signal that throws when it is listened to ends nothing: it may be a proxy, or a stranger's own.
    }
  }
}

/** A cancellation of our own, which may follow others: {@link CancellationSource.release} ends the following. */
export class CancellationSource extends Subscribers implements Cancellation {
  aborted = false;
  reason: unknown = undefined;
  #controller: AbortController | undefined;
  readonly #followed = new Set<() => void>();

  constructor(...followed: (Cancellation | undefined)[]) {
    super();
    for (const other of followed) this.follow(other);
  }

  /** Aborts when `other` does. @returns A function that ends the following. */
  follow(other: Cancellation | undefined): () => void {
    if (other === undefined || this.aborted) return nothing;
    const abort = (): void => {
      this.abort(other.reason);
    };
    if (other.aborted) {
      abort();
      return nothing;
    }
    const unsubscribe = other.subscribe(abort);
    this.#followed.add(unsubscribe);
    return () => {
      this.#followed.delete(unsubscribe);
      unsubscribe();
    };
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
    this.notify();
  }

  /** Leaves the cancellations it follows, when the work it stands for has settled. */
  release(): void {
    for (const unsubscribe of this.#followed) unsubscribe();
    this.#followed.clear();
  }
}

/** Aborts with the first of several. It follows them only for those who follow it: nothing stays on them when nobody does. */
export class EitherCancellation implements Cancellation {
  #others: readonly Cancellation[];
  #first: Cancellation | undefined;
  #source: CancellationSource | undefined;

  constructor(...others: (Cancellation | undefined)[]) {
    this.#others = others.filter((other) => other !== undefined);
  }

  get aborted(): boolean {
    return (this.#first ??= this.#others.find(({ aborted }) => aborted)) !== undefined;
  }

  get reason(): unknown {
    return this.aborted ? this.#first!.reason : undefined;
  }

  /** Only who asks for a signal makes it follow them for good, or until {@link release}. */
  get signal(): AbortSignal {
    return (this.#source ??= new CancellationSource(this.#first, ...this.#others)).signal;
  }

  subscribe(fn: () => void): () => void {
    const source = new CancellationSource(this.#first, ...this.#others);
    source.subscribe(fn);
    return () => { source.release(); };
  }

  /** From now on, it follows none of them any more. */
  release(): void {
    this.#source?.release();
    if (!this.aborted) this.#others = [];
  }
}

/** The reason of an abort, as the platform words it; where there is no `DOMException` (Hermes), an error that looks the same to who asks for its name. */
export function abortError(message: string): Error {
  const { DOMException: Exception } = globalThis as { DOMException?: typeof DOMException };
  return Exception === undefined ? Object.assign(new Error(message), { name: 'AbortError', code: 20 }) : new Exception(message, 'AbortError');
}
