import * as v from 'valibot';
import { fn, options, text } from '../../core/options';
import type { Adapter, ConfigOf } from './axios-like';

/** What `axiosWith` can be told besides the policies. */
export interface AxiosOptions<A extends Adapter = Adapter> {
  /** What sends a request: a name (`'http'`, `'fetch'`, `'xhr'`), a function, or a list of which the first that there is does. @defaultValue the `defaults.adapter` of axios */
  adapter?: A | string | readonly (A | string)[] | undefined;
  /** The operation's name. @defaultValue 'axios' */
  name?: string | undefined;
  /** What has a breaker, a bulkhead, a rate limit and a throttle of its own. @defaultValue the host, with its port */
  key?: ((config: ConfigOf<A>) => string) | undefined;
}

const isAdapter = (input: unknown): boolean => typeof input === 'function' || typeof input === 'string';

/** The schema of {@link AxiosOptions}. */
export const axiosSchema = options({
  adapter: v.optional(
    v.custom<string | Adapter | readonly (string | Adapter)[]>(
      (input) => (Array.isArray(input) ? input.every(isAdapter) : isAdapter(input)),
      "must be an adapter of axios: 'http', 'fetch', 'xhr', a function, or a list of them",
    ),
  ),
  name: v.optional(text()),
  key: v.optional(fn<(config: unknown) => string>()),
});
