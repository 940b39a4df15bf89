import { currentCall, type AnyFunction } from '../../core/call';
import { propertyOf } from '../../core/thrown';
import { underEither, underSignals } from '../../fetch/under-signal';
import type { Adapter } from './axios-like';

/** One call of a protected adapter: what its attempts have in common. It is the receiver of the pipeline's function. */
export class AxiosCall {
  readonly #caller: AbortSignal | undefined;

  /** @param host - Where it goes. */
  constructor(
    readonly host: string,
    private readonly send: Adapter,
    private readonly config: object,
  ) {
    const signal = propertyOf(config, 'signal');
    this.#caller = typeof propertyOf(signal, 'addEventListener') === 'function' ? (signal as AbortSignal) : undefined;
  }

  /**
   * Runs it through a pipeline, under the caller's signal and cancel token. A call that they end rejects with their reason, of which axios
   * makes its `CanceledError`.
   */
  async through(pipeline: AnyFunction): Promise<unknown> {
    const token = signalOfToken(propertyOf(this.config, 'cancelToken'));
    const signals = [this.#caller, token].filter((signal) => signal !== undefined);
    try {
      return await underSignals(signals, pipeline, this, [this.config]);
    } finally {
      token?.unsubscribe?.();
    }
  }

  /** Sends the request once. */
  async attempt(): Promise<unknown> {
    try {
      const send = (signal: AbortSignal | undefined): Promise<unknown> => this.send(this.#configFor(signal));
      const answer = await underEither(this.#caller, currentCall()?.signal, send, (given) => propertyOf(given, 'data'));
      this.#giveBackConfig(answer);
      return answer;
    } catch (error) {
      this.#giveBackConfig(error);
      this.#giveBackConfig(propertyOf(error, 'response'));
      throw error;
    }
  }

  /**
   * The config of one attempt: an adapter writes into the headers, and the signal is the attempt's own, with the caller's, which must end the
   * reading of a stream too, when the call has long settled.
   */
  #configFor(signal: AbortSignal | undefined): object {
    const headers = propertyOf(this.config, 'headers');
    const concat = propertyOf(headers, 'concat');
    const copied: unknown = typeof concat === 'function' ? concat.call(headers) : headers;
    return { ...this.config, headers: copied, signal };
  }

  /** Restores the caller's signal on `error.config`: interceptors that renew a token send it again, and must not send an aborted signal. */
  #giveBackConfig(holder: unknown): void {
    try {
      if (propertyOf(holder, 'config') !== undefined) Reflect.set(holder as object, 'config', this.config);
    } catch {
      // It stays as the adapter made it.
    }
  }
}

/** As much of the signal of a cancel token as is used. */
interface TokenSignal extends AbortSignal {
  unsubscribe?: () => void;
}

function signalOfToken(token: unknown): TokenSignal | undefined {
  const toSignal = propertyOf(token, 'toAbortSignal');
  return typeof toSignal === 'function' ? (toSignal.call(token) as TokenSignal) : undefined;
}
