import { isCancelled } from '../core/cancelled';
import { systemClock } from '../core/clock';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import { toPredicate, ask } from '../core/outcome';
import type { Driver, LayerContext } from '../core/policy';
import { receiverOf } from '../core/call';
import { Rejection, runOr } from '../core/run';
import { substitute } from '../core/stream';
import type { ResolvedFallbackOptions } from './options';

/** A call gets the fallback's answer. */
export interface FallbackEvent extends PolicyEvent<'fallback'> {
  /** The error that it failed with. */
  readonly error: unknown;
}

export type FallbackEvents = { fallback: FallbackEvent };

/** Answers for calls that fail. A stream is answered for until its first item is there; later errors are its consumer's. */
export function fallingBack(options: ResolvedFallbackOptions, context: LayerContext): Driver {
  const { use, clock = context.clock ?? systemClock } = options;
  const isHandled = handled(options);
  const answer = substitute(use, 'use of the fallback', context);
  return (next) => ({
    run: (call, self, args) =>
      runOr(next, call, self, args, (error) => {
        // Of a cancelled call, nobody waits for an answer.
        if (call.cancellation?.aborted === true || !isHandled(error)) return new Rejection(error);
        emitPolicyEvent<FallbackEvent>(context.sink, 'fallback', clock, call, { error });
        if (call.record !== undefined) call.record.result.counted = undefined;
        return answer.run(call, receiverOf(self), [error, ...args]);
      }),
  });
}

/** Which errors get an answer. By default a cancelled call does not: the function may have followed a signal of its caller's. */
function handled(options: ResolvedFallbackOptions): (error: unknown) => boolean {
  const handle = options.handle === undefined ? (error: unknown) => !isCancelled(error) : toPredicate(options.handle);
  const ignore = options.ignore && toPredicate(options.ignore);
  return (error) => (ignore === undefined || !ask(ignore, 'ignore', error, false)) && ask(handle, 'handle', error, true);
}
