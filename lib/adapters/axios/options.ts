import { optional, options, when } from '../../core/check';
import { fn, text } from '../../core/options';
import type { Adapter, ConfigOf } from './axios-like';

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
