import { type Duration, atLeast, commonOptions, duration, flag, ratio, type CommonOptions } from '../core/options';
import { groupOptions, type GroupOptions } from '../core/groups';
import { keyOptions, type KeyOptions } from '../core/keyed-states';
import { optional, options, type Checked } from '../core/check';
import { outcomeOptions, type OutcomeOptions } from '../core/outcome';

/** Options of a throttle: what counts as a refusal by the dependency, and how much is held back then. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface ThrottleOptions<F = any> extends OutcomeOptions<F>, CommonOptions, KeyOptions<F>, GroupOptions {
  /** Requests sent per request that the dependency accepts, before any is held back; ≥ 1. Lower values hold back sooner; higher ones waste more of a busy dependency, and find out sooner that it is back. @defaultValue 2 */
  k?: number | undefined;
  /** The time that is looked back on, in ten slices that leave one by one; > 0. With `k` of 2, an outage is noticed when it has lasted for half of it. @defaultValue '10s' */
  window?: Duration | undefined;
  /** The largest share of requests that is held back; 0–1. The rest finds out when the dependency is back. @defaultValue 0.9 */
  maxRejection?: number | undefined;
  /** Capture a stack trace for every rejection, which then takes several times as long. @defaultValue false */
  rejectionStacks?: boolean | undefined;
  /** Which errors are refusals: an error class, a list of them, or `(error) => boolean`. An error that is neither handled nor ignored is an answer: the dependency accepted the request. @defaultValue every error */
  handle?: OutcomeOptions['handle'];
  /** Which errors count for nothing, besides aborts and the operation's own rejections, which never count; same forms as `handle`, and wins over it. It reaches the pipeline's own timeout, which `handle` does not. @defaultValue none */
  ignore?: OutcomeOptions['ignore'];
  /** Whether a returned value is a refusal, such as a response with status 429 or 503. @defaultValue none is */
  handleResult?: OutcomeOptions<F>['handleResult'];
}

/** The schema of {@link ThrottleOptions}: ranges and defaults. */
export const throttleSchema = /* @__PURE__ */ options({
  ...commonOptions,
  ...keyOptions,
  ...groupOptions,
  rejectionStacks: optional(flag()),
  ...outcomeOptions,
  k: optional(atLeast(1), 2),
  window: optional(duration({ exclusive: true }), '10s'),
  maxRejection: optional(ratio(), 0.9),
});

export type ResolvedThrottleOptions = Checked<typeof throttleSchema>;
