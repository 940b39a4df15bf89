import { type Duration, commonOptions, duration, flag, integer, type CommonOptions } from '../core/options';
import { groupOptions, type GroupOptions } from '../core/groups';
import { keyOptions, type KeyOptions } from '../core/keyed-states';
import { mapped, optional, options, type Checked } from '../core/check';

/** Options of a rate limit: how many calls may start in a time, and how long one may wait for its turn. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface RateLimitOptions<F = any> extends CommonOptions, KeyOptions<F>, GroupOptions {
  /** Calls let through per `interval`, in the long run; integer ≥ 1. */
  limit: number;
  /** The time that `limit` is about; > 0. @defaultValue '1s' */
  interval?: Duration | undefined;
  /** Calls let through at once after a pause: the tokens that the bucket holds; integer ≥ 1, below or above `limit`. @defaultValue `limit` */
  burst?: number | undefined;
  /** The longest time that a call waits for its turn, in the order of arrival; ≥ 0, or `Infinity`. A call whose turn would come later is rejected at once. @defaultValue 0 */
  maxWait?: Duration | undefined;
  /** Capture a stack trace for every rejection, which then takes several times as long. @defaultValue false */
  rejectionStacks?: boolean | undefined;
}

/** The schema of {@link RateLimitOptions}: ranges and defaults. */
export const rateLimitSchema = /* @__PURE__ */ mapped(
  options({
    ...commonOptions,
    ...keyOptions,
    ...groupOptions,
    rejectionStacks: optional(flag()),
    limit: integer(1),
    interval: optional(duration({ exclusive: true }), '1s'),
    burst: optional(integer(1)),
    maxWait: optional(duration({ infinity: true }), 0),
  }, __DEV__ && 'a number of calls a second'),
  ({ burst, ...given }) => ({ ...given, burst: burst ?? given.limit }),
);

export type ResolvedRateLimitOptions = Checked<typeof rateLimitSchema>;
