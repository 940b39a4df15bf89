import { currentCall, type AnyFunction } from '../core/call';
import { propertyOf } from '../core/safe-inspect';
import { underEither, underSignals } from './under-signal';

export type Fetch = typeof globalThis.fetch;
export type Input = Parameters<Fetch>[0];
export type Init = Parameters<Fetch>[1];

/** One call of a protected `fetch`: what its attempts have in common. It is the receiver of the pipeline's function. */
export class FetchCall {
  readonly #signals: readonly AbortSignal[];

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
    this.#signals = signalOf(input, init);
  }

  /** Runs it through a pipeline, under the caller's signal. */
  through(pipeline: AnyFunction): Promise<Response> {
    return underSignals(this.#signals, pipeline, this, [this.input, this.init]) as Promise<Response>;
  }

  /**
   * Sends the request once. The caller's signal is passed on itself, for it must end the reading of the body too, when the call has long
   * settled and its own signal follows nobody any more.
   */
  async attempt(): Promise<Response> {
    const { init } = this;
    const send = (signal: AbortSignal | undefined): Promise<Response> =>
      this.send(this.#inputForOne(), signal === undefined ? init : { ...init, signal });
    return underEither(this.#signals[0], currentCall()?.signal, send, (response) => propertyOf(response, 'body'));
  }

  /** The request for one attempt. A request that is never repeated is not copied, for a copy keeps the whole body in memory. */
  #inputForOne(): Input {
    const { input, init } = this;
    return isSpendable(input) && this.mayRepeat(input, init) ? input.clone() : input;
  }
}

/** The signal that `fetch` would listen to: that of the init wins, be it `null`. */
function signalOf(input: Input, init: Init): AbortSignal[] {
  const own = propertyOf(init, 'signal');
  const signal = own === undefined ? propertyOf(input, 'signal') : own;
  return typeof propertyOf(signal, 'addEventListener') === 'function' ? [signal as AbortSignal] : [];
}

/** A request that is spent when it is sent, unless a copy goes in its place: a `Request` with a body that nobody has read. */
interface Spendable {
  clone(): Request;
}

function isSpendable(input: unknown): input is Spendable {
  const isRequest = typeof propertyOf(input, 'clone') === 'function';
  return isRequest && propertyOf(input, 'body') !== null && propertyOf(input, 'bodyUsed') !== true;
}
