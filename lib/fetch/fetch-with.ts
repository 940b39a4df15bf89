import { optional, options } from '../core/check';
import { isOneShot } from '../core/safe-inspect';
import { fn, text, resolve } from '../core/options';
import { fetchRequest, isIdempotent } from '../presets/http-request';
import { wrapFunction } from '../protect/wrap-function';
import type { Protection } from '../protect/wrapper';
import type { PoliciesOf } from '../protect/wrapper-types';
import { FetchCall, type Fetch, type Init, type Input } from './fetch-call';
import { defaultPolicies, prepare, repetitionOf, givenPolicies, hostOf, type RequestJudges } from './fetch-policies';

/** Options of `fetchWith` besides the policies. */
export interface FetchOptions {
  /** What sends a request. @defaultValue the global `fetch`, looked up at each call */
  fetch?: Fetch | undefined;
  /** The operation's name. @defaultValue 'fetch' */
  name?: string | undefined;
  /** What has a breaker, a bulkhead, a rate limit and a throttle of its own. @defaultValue the host, with its port */
  key?: ((input: Input, init?: Init) => string) | undefined;
}

/** The schema of {@link FetchOptions}. */
export const fetchSchema = /* @__PURE__ */ options({
  fetch: optional(fn<Fetch>()),
  name: optional(text()),
  key: optional(fn<(input: Input, init?: Init) => string>()),
});

const SUBJECT = 'fetchWith';

const FETCH_REQUESTS: RequestJudges<[Input, Init]> = {
  isIdempotent: (input, init) => isIdempotent(fetchRequest(input, init)),
  isSpent: (_input, init) => isOneShot(init?.body),
};

/**
 * A `fetch` that is protected, for each host by itself: one that fails opens its own circuit and takes nothing from others.
 *
 * Each attempt gets a signal that joins the caller's and its own, so a timeout ends the request. A response that is refused, and
 * tried again, has its body given up; the last one is the caller's, untouched. Only requests that may be repeated are tried
 * again or hedged (see `presets.http`), and never one whose body is a stream. The protection ends when the response is there: its body is
 * the caller's to read. A request to no host, such as `data:`, goes straight to `fetch`, and so does an invalid URL.
 *
 * @param policies - As for `withPolicies`. A retry, breaker or throttle that does not say which responses and errors are
 *   failures goes by those of `presets.http()`. A fallback must take
 *   (error, input, init) and give a `Response`; it answers for a call that rejects, and not for a response that is refused. A cache is refused. @defaultValue `presets.http()`, without its retry budget, which would be
 *   one for all hosts
 * @returns A function of the type of `fetch`, with `operation`, `breakers` by host, and `pipeline`.
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function fetchWith(policies: PoliciesOf<Fetch> = defaultPolicies(), given: FetchOptions = {}): Fetch & Protection {
  const asGiven = givenPolicies(policies, given, SUBJECT, fetchSchema, 'a Response can be read once: cache what is made of it');
  const { fetch: own, name, key = hostOfCall } = resolve(fetchSchema, given, SUBJECT);
  const send: Fetch = (input, init) => (own ?? globalThis.fetch)(input, init);
  const prepared = prepare(asGiven, name, key, FETCH_REQUESTS);
  const mayRepeat = repetitionOf<[Input, Init]>(prepared);

  const pipeline = wrapFunction(fetchWith, SUBJECT, { async fetch(this: FetchCall) { return this.attempt(); } }.fetch, prepared);
  const wrapper = {
    // Its length is that of `fetch`.
    fetch(input: Input, init: Init = undefined): Promise<Response> {
      const host = hostOf(input);
      if (host === undefined) return send(input, init);
      return new FetchCall(host, send, input, init, mayRepeat).through(pipeline);
    },
  };
  // It has the protection of the pipeline, and is found as one of our wrappers are.
  return Object.setPrototypeOf(wrapper.fetch, pipeline) as Fetch & Protection;
}

/** For policies that keep something apart for each key. */
function hostOfCall(this: unknown): string {
  return (this as FetchCall).host;
}
