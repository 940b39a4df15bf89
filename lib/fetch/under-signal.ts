import { rejected } from '../core/run';
import { ambientCall, Call, invoke, type AnyFunction, type Args } from '../core/call';
import { CancellationSource, SignalCancellation } from '../core/cancellation';
import { isOneShot } from '../core/safe-inspect';

const NOBODY = new Call('fetch');

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
 * Sends the request of one attempt under a signal that aborts with the first of two, also where there is no `AbortSignal.any` (Safari before
 * 17.4, React Native), and for signals that it does not take: of a polyfill, of another realm such as jsdom's, behind a proxy. There, nothing is
 * left on the caller's signal when the attempt has settled, for it may live as long as the program; but not while an answer has a body that is to
 * be read: the caller's signal must end that too.
 *
 * @param bodyOf - Where an answer has its body.
 */
export async function underEither<T>(
  caller: AbortSignal | undefined,
  own: AbortSignal | undefined,
  send: (signal: AbortSignal | undefined) => Promise<T>,
  bodyOf: (answer: T) => unknown,
): Promise<T> {
  if (caller === undefined || own === undefined || own === caller) return send(caller ?? own);
  const platforms = joined([caller, own]);
  if (platforms !== undefined) return send(platforms);
  const either = new CancellationSource(SignalCancellation.of(caller), SignalCancellation.of(own));
  let isRead = false;
  try {
    const answer = await send(either.signal);
    isRead = isOneShot(bodyOf(answer));
    return answer;
  } finally {
    if (!isRead) either.release();
  }
}

/** The platform's own joined signal; undefined where it has none, or does not take these. */
function joined(signals: AbortSignal[]): AbortSignal | undefined {
  try {
    // Node 20 takes a signal of another realm, but does not hear it.
    if (typeof AbortSignal.any === 'function' && signals.every((signal) => signal instanceof AbortSignal)) return AbortSignal.any(signals);
  } catch {
    // One of them is a proxy.
  }
  return undefined;
}
