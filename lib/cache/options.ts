import { type Duration, commonOptions, duration, flag, fn, integer, type CommonOptions } from '../core/options';
import { groupOptions, type GroupOptions } from '../core/groups';
import type { KeyFunction } from '../core/keyed-states';
import { optional, options, type Checked } from '../core/check';

/** The most entries that a `Map` of V8 can hold. */
const MOST_ENTRIES = 2 ** 24;

/** Options of a cache: how long results are kept, how many, and under which keys. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface CacheOptions<F = any> extends CommonOptions, GroupOptions {
  /** How long a result is kept, from when it was there; > 0, or `Infinity`. */
  ttl: Duration;
  /** Results that are kept, of all instances together; integer ≥ 1 and ≤ 16777216. For room, the least recently used goes. @defaultValue 1000 */
  maxEntries?: number | undefined;
  /** Names the result of a call: calls with the same key share it, those on different instances too. A call whose key function throws, or gives no string, is not cached, with one warning. @defaultValue the arguments, for each instance apart; a call with arguments that are not plain data is not cached, with one warning */
  key?: KeyFunction<F> | undefined;
  /** Whether calls with the same key that are in flight together share one run. @defaultValue true */
  coalesce?: boolean | undefined;
}

/** The schema of {@link CacheOptions}: ranges and defaults. */
export const cacheSchema = /* @__PURE__ */ options({
  ...commonOptions,
  ...groupOptions,
  ttl: duration({ exclusive: true, infinity: true }),
  maxEntries: optional(integer(1, { max: MOST_ENTRIES }), 1000),
  key: optional(fn<KeyFunction>()),
  coalesce: optional(flag(), true),
}, __DEV__ && "a duration, such as '2s'");

export type ResolvedCacheOptions = Checked<typeof cacheSchema>;
