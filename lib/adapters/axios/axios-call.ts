import { currentCall, type AnyFunction } from '../../core/call';
import { optional, options, when } from '../../core/check';
import { fn, text } from '../../core/options';
import { propertyOf } from '../../core/safe-inspect';
import { hostOf as hostOfUrl } from '../../fetch/fetch-policies';
import { underEither, underSignals } from '../../fetch/under-signal';

/**
 * As much of axios as is used, so that its user's own copy is: errors are then instances of the `AxiosError` that the user imports, which
 * those of a copy that we import might not be (CommonJS and ES modules of axios are two).
 */
export interface AxiosLike<A extends Adapter> {
  /** The adapter that some names or functions stand for. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  getAdapter(adapters: any, config?: any): A;
  readonly defaults: { adapter?: unknown };
}

/** An adapter of axios: sends a request. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Adapter = (config: any) => Promise<any>;

/** The configuration that an adapter takes. */
export type ConfigOf<A extends Adapter> = Parameters<A>[0];

/** As axios decides it: a scheme, or the two slashes that take over that of the page. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** The host that a request goes to, with its port; undefined when it goes to none, or when axios itself must say what is wrong with it. */
export function hostOf(config: unknown): string | undefined {
  const url = propertyOf(config, 'url');
  const baseUrl = propertyOf(config, 'baseURL');
  const hasBase = typeof baseUrl === 'string' && baseUrl !== '';
  const isAbsolute = typeof url === 'string' && ABSOLUTE.test(url) && propertyOf(config, 'allowAbsoluteUrls') !== false;
  return hostOfUrl(hasBase && !isAbsolute ? baseUrl : url);
}

/** The options of `axiosWith` besides the policies. */
export interface AxiosOptions<A extends Adapter = Adapter> {
  /** The adapter that sends: a name (`'http'`, `'fetch'`, `'xhr'`), a function, or a list, of which the first available one sends. @defaultValue the `defaults.adapter` of axios */
  adapter?: A | string | readonly (A | string)[] | undefined;
  /** The operation's name. @defaultValue 'axios' */
  name?: string | undefined;
  /** The key of a request: each key has its own breaker, bulkhead, rate limit and throttle. @defaultValue the host, with its port */
  key?: ((config: ConfigOf<A>) => string) | undefined;
}

const isAdapter = (input: unknown): boolean => typeof input === 'function' || typeof input === 'string';

/** The schema of {@link AxiosOptions}. */
export const axiosSchema = /* @__PURE__ */ options({
  adapter: optional(
    when<string | Adapter | readonly (string | Adapter)[]>(
      (input) => (Array.isArray(input) ? input.every(isAdapter) : isAdapter(input)),
      __DEV__ && "must be an adapter of axios: 'http', 'fetch', 'xhr', a function, or a list of them",
    ),
  ),
  name: optional(text()),
  key: optional(fn<(config: unknown) => string>()),
});

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
