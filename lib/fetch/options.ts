import * as v from 'valibot';
import { fn, options, text } from '../core/options';
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
export const fetchSchema = options({
  fetch: v.optional(fn<Fetch>()),
  name: v.optional(text()),
  key: v.optional(fn<(input: Input, init?: Init) => string>()),
});
