import { currentCall, type AnyFunction } from '../../core/call';
import { propertyOf } from '../../core/thrown';
import { anyOf, underSignals } from '../../fetch/under-signal';
import type { Adapter } from './axios-like';

/** One call of a protected adapter: what its attempts have in common. It is the receiver of the pipeline's function. */
export class AxiosCall {
  readonly #caller: AbortSignal | undefined;
  /** What the latest attempt gave, hedges included, and the number of that attempt. */
  readonly #answers: unknown[] = [];
  #attempt = 0;

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
    const call = currentCall();
    this.#begin(call?.attempt ?? 1);
    try {
      return this.#ended(await this.send(this.#configFor(call?.signal)), call?.signal);
    } catch (error) {
      this.#ended(propertyOf(error, 'response'), call?.signal);
      this.#giveBackConfig(error);
      throw error;
    }
  }

  /** Takes an answer in, a refused one too. One that comes after all has been decided, from an adapter that does not listen, is given up at once. */
  #ended(answer: unknown, own: AbortSignal | undefined): unknown {
    this.#giveBackConfig(answer);
    if (own?.aborted === true) discard(answer);
    else this.#answers.push(answer);
    return answer;
  }

  /** What the attempt before gave was refused. It is given up only now: had the circuit opened meanwhile, it would be the result. */
  #begin(attempt: number): void {
    if (attempt === this.#attempt) return;
    this.#attempt = attempt;
    this.#answers.splice(0).forEach(discard);
  }

  /**
   * The config of one attempt: an adapter writes into the headers, and the signal is the attempt's own. The caller's signal is passed on
   * itself as well, for it must end the reading of a stream too, when the call has long settled.
   */
  #configFor(own: AbortSignal | undefined): object {
    const headers = propertyOf(this.config, 'headers');
    const concat = propertyOf(headers, 'concat');
    const copied: unknown = typeof concat === 'function' ? concat.call(headers) : headers;
    const caller = this.#caller ?? own;
    const signal = caller === undefined || own === undefined || own === caller ? caller : anyOf([caller, own]);
    return { ...this.config, headers: copied, signal };
  }

  /** Who sends `error.config` again, as interceptors do that renew a token, is not to send a signal that has aborted. */
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

/** Gives up an answer that nobody will read: a stream (of Node, or of the web) holds its connection. */
function discard(answer: unknown): void {
  const body = propertyOf(answer, 'data');
  const end = propertyOf(body, 'destroy') ?? propertyOf(body, 'cancel');
  if (typeof end !== 'function') return;
  try {
    // A body that is being read, or has failed, is none of our business.
    void Promise.resolve(end.call(body)).catch(() => undefined);
  } catch {
    // Nor is what it says of that.
  }
}
