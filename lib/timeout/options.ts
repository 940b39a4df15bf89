import { type Duration, commonOptions, duration, oneOf, type CommonOptions } from '../core/options';
import { optional, options, type Checked } from '../core/check';

/** Options of a timeout: how long an attempt may take, and whether its end is waited for. */
export interface TimeoutOptions extends CommonOptions {
  /** The time an attempt is given; > 0. An outer call that has less left gives no more than that. */
  duration: Duration;
  /**
   * What happens when the time is up. `'abandon'`: the call rejects at once, and what the function gives later is dropped.
   * `'cooperative'`: the call waits for the function, which is told by its signal; a rejection becomes an `OperationTimeoutError`
   * whose `cause` it is, a value that comes late is returned. Both abort the signal. @defaultValue 'abandon'
   */
  mode?: 'cooperative' | 'abandon' | undefined;
}

/** The schema of {@link TimeoutOptions}: ranges and defaults. */
export const timeoutSchema = /* @__PURE__ */ options({
  ...commonOptions,
  duration: duration({ exclusive: true }),
  mode: optional(oneOf('cooperative', 'abandon'), 'abandon'),
}, __DEV__ && "a duration, such as '2s'");

export type ResolvedTimeoutOptions = Checked<typeof timeoutSchema>;
