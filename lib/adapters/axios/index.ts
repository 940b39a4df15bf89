import { ConfigurationError } from '../../core/errors';
import { isOneShot, propertyOf } from '../../core/safe-inspect';
import { resolve } from '../../core/options';
import { defaultPolicies, prepare, type RequestJudges, givenPolicies } from '../../fetch/fetch-policies';
import type { Protection } from '../../protect/wrapper';
import { isIdempotent } from '../../presets/http-request';
import type { PoliciesOf } from '../../protect/wrapper-types';
import { wrapFunction } from '../../protect/wrap-function';
import { AxiosCall, type Adapter, type AxiosLike, type ConfigOf, axiosSchema, type AxiosOptions, hostOf } from './axios-call';

export type { Adapter, AxiosLike, ConfigOf } from './axios-call';
export type { AxiosOptions } from './axios-call';

const SUBJECT = 'axiosWith';

const AXIOS_REQUESTS: RequestJudges<[unknown]> = {
  isIdempotent: (config) => isIdempotent({ method: String(propertyOf(config, 'method') ?? 'get'), headers: propertyOf(config, 'headers') }),
  isSpent: (config) => isStream(propertyOf(config, 'data')),
};

/**
 * An adapter for axios that protects each host by itself: `axios.create({ adapter: axiosWith(axios) })`. One host that fails opens its own
 * circuit and takes nothing from others.
 *
 * It stands below interceptors and transforms, so a request that is tried again is transformed once, and answers and errors are those of
 * axios, with the `config` of the call. Only requests that may be repeated are tried again or hedged: by their method, or an
 * `Idempotency-Key`, and never one whose body is a stream. A request to no host goes straight to axios, and so does an invalid URL.
 *
 * @param axios - axios itself (1.5 or later), of which the adapter is that sends; it is looked at once, so the global axios can be
 *   protected as well: `axios.defaults.adapter = axiosWith(axios)`.
 * @param policies - As for `withPolicies`. A retry, breaker or throttle that does not say which answers and errors are failures goes by
 *   those of `presets.http()`. A fallback must take (error, config) and give a response of axios. A cache is refused. @defaultValue
 *   `presets.http()`, without its retry budget, which would be one for all hosts
 * @returns An adapter, with `operation`, `breakers` by host, and `pipeline`.
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function axiosWith<A extends Adapter>(
  axios: AxiosLike<A>,
  policies: PoliciesOf<NoInfer<A>> = defaultPolicies(),
  given: AxiosOptions<NoInfer<A>> = {},
): A & Protection {
  checkAxios(axios);
  const asGiven = givenPolicies(policies, given, SUBJECT, axiosSchema, 'axios changes the answer that an adapter gives: cache what is made of it');
  const { adapter: own, name = 'axios', key = hostOfCall } = resolve(axiosSchema, given, SUBJECT);
  const adapters = own ?? axios.defaults.adapter;
  const send: Adapter = (config) => axios.getAdapter(adapters, config)(config);

  const prepared = prepare(asGiven, name, key, AXIOS_REQUESTS);
  const pipeline = wrapFunction(axiosWith, SUBJECT, { async axios(this: AxiosCall, _config: unknown) { return this.attempt(); } }.axios, prepared);
  const wrapper = {
    axios(config: ConfigOf<A>): Promise<unknown> {
      const host = hostOf(config);
      return host === undefined ? send(config) : new AxiosCall(host, send, config).through(pipeline);
    },
  };
  // It has the protection of the pipeline, and is found as one of our wrappers are.
  return Object.setPrototypeOf(wrapper.axios, pipeline) as A & Protection;
}

/** For policies that keep something apart for each key. */
function hostOfCall(this: unknown): string {
  return (this as AxiosCall).host;
}

/** Streams of the package `form-data`, and other old-style streams, can only be piped. */
function isStream(body: unknown): boolean {
  return isOneShot(body) || typeof propertyOf(body, 'pipe') === 'function';
}

function checkAxios(axios: unknown): void {
  if (typeof propertyOf(axios, 'getAdapter') === 'function' && typeof propertyOf(axios, 'defaults') === 'object') return;
  const message = 'must be axios itself, 1.5 or later: axiosWith(axios); an instance of axios.create() has no getAdapter';
  throw new ConfigurationError(SUBJECT, [{ path: 'axios', message, received: axios }]);
}
