import type { Args, Call } from './call';
import { EitherCancellation, SignalCancellation, type Cancellation } from './cancellation';
import { invalid } from './errors';
import { isSignal, type SignalOption } from './options';
import { Refusal, type Guard } from './policy';
import { admitAll, PASS, permitBy } from './pass';

/**
 * Ends each call with the signals that its options find for it, and with what ends the call around it. Outermost: who watches calls knows who left.
 * A guard: the permit of a stream lasts to its end. A call that has settled is ended by none of them: what it left behind goes on.
 *
 * @param isPassedOn - A signal that is alone is passed on as it is, and stays the caller's.
 */
export function underSignals(signals: readonly SignalOption[], isPassedOn = false): Guard {
  return admitAll((call, self, args) => {
    const [first, ...others] = cancellationsOf(signals, call, self, args);
    if (first === undefined || (isPassedOn && others.length === 0)) return { ...PASS, call: call.as(call.attempt, first) };
    const ending = new EitherCancellation(first, ...others);
    // Nothing of a call that is over stays on a signal, which may live as long as the program.
    return permitBy(() => {
      ending.release();
    }, undefined, call.as(call.attempt, ending));
  });
}

/** Lets no call begin that is over already: it says nothing about the dependency. */
export const unlessAborted: Guard = {
  admit: ({ cancellation }) => (cancellation?.aborted === true ? undefined : PASS),
  deny: ({ cancellation }) => new Refusal(cancellation?.reason),
};

/** The cancellations of a call, each once. */
function cancellationsOf(signals: readonly SignalOption[], call: Call, self: unknown, args: Args): Cancellation[] {
  const found = signals.flatMap((signal) => (typeof signal === 'function' ? askedSignal(signal, call, self, args) : signal) ?? []);
  return [...new Set([call.cancellation ?? [], ...found.map((signal) => SignalCancellation.of(signal))].flat())];
}

/** @throws {@link ConfigurationError} when what it gives is no signal, or what it throws. */
function askedSignal(option: SignalOption & ((...args: never[]) => unknown), { operation }: Call, self: unknown, args: Args): AbortSignal | undefined {
  const signal: unknown = Reflect.apply(option, self, args as never[]);
  if (isSignal(signal) || signal === undefined || signal === null) return signal ?? undefined;
  throw invalid(operation, 'signal', signal, __DEV__ && 'must give an AbortSignal, or undefined', operation);
}
