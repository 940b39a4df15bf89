import { ambientCall, Call, currentCall, invoke, type AnyFunction } from '../core/call';
import { CancellationSource, SignalCancellation } from '../core/cancellation';
import { rejected } from '../core/runner';
import { propertyOf } from '../core/thrown';
import { isSpendable } from './body';

export type Fetch = typeof globalThis.fetch;
export type Input = Parameters<Fetch>[0];
export type Init = Parameters<Fetch>[1];

const NOBODY = new Call('fetch', undefined, undefined);

/** One call of a protected `fetch`: what its attempts have in common. It is the receiver of the pipeline's function. */
export class FetchCall {
  readonly #signal: AbortSignal | undefined;

  /**
   * @param host - Where it goes.
   * @param mayRepeat - Whether such a request may be sent more than once.
   */
  constructor(
    readonly host: string,
    private readonly send: Fetch,
    private readonly input: Input,
    private readonly init: Init,
    private readonly mayRepeat: (input: Input, init: Init) => boolean,
  ) {
    this.#signal = signalOf(input, init);
  }

  /**
   * Runs it through a pipeline. The caller's signal is the call's own: its abort ends waits too, and counts for nothing; one
   * that comes before the call leaves nothing to run.
   */
  through(pipeline: AnyFunction): Promise<Response> {
    const args = [this.input, this.init];
    if (this.#signal === undefined) return pipeline.apply(this, args) as Promise<Response>;
    if (this.#signal.aborted) return rejected(this.#signal.reason) as Promise<Response>;
    const outer = ambientCall() ?? NOBODY;
    const own = SignalCancellation.of(this.#signal);
    if (outer.cancellation === undefined) return invoke(pipeline, outer.as(1, own), this, args) as Promise<Response>;
    const either = new CancellationSource(own, outer.cancellation);
    const release = (): void => {
      either.release();
    };
    const result = invoke(pipeline, outer.as(1, either), this, args) as Promise<Response>;
    result.then(release, release);
    return result;
  }

  /** Sends the request once. */
  async attempt(): Promise<Response> {
    return this.send(this.#inputForOne(), this.#initFor(currentCall()?.signal));
  }

  /** The request for one attempt. What is never repeated is not copied either, for a copy keeps the whole body in memory. */
  #inputForOne(): Input {
    const { input, init } = this;
    return isSpendable(input) && this.mayRepeat(input, init) ? input.clone() : input;
  }

  /**
   * The caller's signal is passed on itself, for it must end the reading of the body too, when the call has long settled and its
   * own signal follows nobody any more.
   */
  #initFor(own: AbortSignal | undefined): Init {
    const signals = [this.#signal, own].filter((signal) => signal !== undefined);
    const [first, second] = signals;
    if (first === undefined) return this.init;
    return { ...this.init, signal: second === undefined || second === first ? first : anyOf(signals) };
  }
}

/** The signal that `fetch` would listen to: that of the init wins, be it `null`. */
function signalOf(input: Input, init: Init): AbortSignal | undefined {
  const signal = init?.signal === undefined ? propertyOf(input, 'signal') : init.signal;
  return typeof propertyOf(signal, 'addEventListener') === 'function' ? (signal as AbortSignal) : undefined;
}

/** A signal that aborts with the first of some, also where there is no `AbortSignal.any` (Safari before 17.4, React Native). */
function anyOf(signals: AbortSignal[]): AbortSignal {
  if (typeof AbortSignal.any === 'function') return AbortSignal.any(signals);
  return new CancellationSource(...signals.map((signal) => SignalCancellation.of(signal))).signal;
}
