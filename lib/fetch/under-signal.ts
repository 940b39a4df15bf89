import { ambientCall, Call, invoke, type AnyFunction } from '../core/call';
import { CancellationSource, SignalCancellation } from '../core/cancellation';
import { rejected, type Args } from '../core/runner';

const NOBODY = new Call('fetch', undefined, undefined);

/**
 * Runs a pipeline under the signals of its caller. They are the call's own: an abort of one ends waits too, and counts for nothing; one
 * that comes before the call leaves nothing to run.
 */
export function underSignals(signals: readonly AbortSignal[], pipeline: AnyFunction, self: unknown, args: Args): Promise<unknown> {
  const own = signals.map((signal) => SignalCancellation.of(signal));
  const aborted = own.find((cancellation) => cancellation.aborted);
  if (aborted !== undefined) return rejected(aborted.reason);
  const [first] = own;
  if (first === undefined) return pipeline.apply(self, [...args]) as Promise<unknown>;
  const outer = ambientCall() ?? NOBODY;
  if (outer.cancellation === undefined && own.length === 1) return invoke(pipeline, outer.as(1, first), self, args) as Promise<unknown>;
  const either = new CancellationSource(...own, outer.cancellation);
  const release = (): void => {
    either.release();
  };
  const result = invoke(pipeline, outer.as(1, either), self, args) as Promise<unknown>;
  result.then(release, release);
  return result;
}

/**
 * A signal that aborts with the first of some, also where there is no `AbortSignal.any` (Safari before 17.4, React Native), and for those
 * that it does not take: of a polyfill, of another realm such as jsdom's, behind a proxy.
 */
export function anyOf(signals: AbortSignal[]): AbortSignal {
  try {
    // Node 20 takes a signal of another realm, but does not hear it.
    if (typeof AbortSignal.any === 'function' && signals.every((signal) => signal instanceof AbortSignal)) return AbortSignal.any(signals);
  } catch {
    // One of them is a proxy.
  }
  return new CancellationSource(...signals.map((signal) => SignalCancellation.of(signal))).signal;
}
