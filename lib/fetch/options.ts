import { optional, options } from '../core/check';
import { fn, text } from '../core/options';
import type { Fetch, Init, Input } from './fetch-call';

/** What `fetchWith` can be told besides the policies. */
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
