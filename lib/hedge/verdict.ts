import { isCancelled } from '../core/cancelled';
import { isRejection } from '../core/errors';
import { toPredicate } from '../core/matcher';
import { ask, type OutcomeOptions } from '../core/outcome';

/**
 * What the error of one run means for the call: `failure`, and the next run starts at once; `answer`, which ends the call;
 * `nothing`, for a run that did not happen or was cancelled says nothing about the others: they are waited for.
 */
export type Verdict = 'failure' | 'answer' | 'nothing';

/** Reads errors by `handle` and `ignore`. A throw of `handle` counts as handled, one of `ignore` as not ignored. */
export function judgeOf(options: Pick<OutcomeOptions, 'handle' | 'ignore'>): (error: unknown) => Verdict {
  const handle = options.handle && toPredicate(options.handle);
  const ignore = options.ignore && toPredicate(options.ignore);
  return (error) => {
    const saysNothing = isCancelled(error) || isRejection(error);
    if (ignore !== undefined && ask(ignore, 'ignore', error, false)) return saysNothing ? 'nothing' : 'answer';
    if (handle === undefined) return saysNothing ? 'nothing' : 'failure';
    if (ask(handle, 'handle', error, true)) return 'failure';
    return saysNothing ? 'nothing' : 'answer';
  };
}
