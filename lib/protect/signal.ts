import type { Args, Call } from '../core/call';
import { CancellationSource, SignalCancellation, type Cancellation } from '../core/cancellation';
import { ConfigurationError } from '../core/errors';
import { isSignal, type SignalOption } from '../core/options';
import type { Driver } from '../core/policy';
import type { Mode } from '../core/run';
import { OpenStream } from '../core/stream';

/** Ends each call with the signals that its options find for it, and with what ends the call around it. Outermost: who watches calls knows who left. */
export function underSignals(signals: readonly SignalOption[]): Driver {
  return (next) => ({
    run(call, self, args) {
      const found = cancellationsOf(signals, call, self, args);
      if (found.length < 2) return next.run(found.length === 0 ? call : call.as(call.attempt, found[0]), self, args);
      const either = new CancellationSource(...found);
      const release = (): void => {
        either.release();
      };
      const result = next.run(call.as(call.attempt, either), self, args);
      // Nothing of a call that is over stays on a signal, which may live as long as the program.
      result.then((value) => {
        if (OpenStream.is(value)) value.whenOver(release);
        else release();
      }, release);
      return result;
    },
  });
}

/** Lets no call begin that is over already: it says nothing about the dependency. */
export function unlessAborted(mode: Mode): Driver {
  return (next) => ({
    run(call, self, args) {
      const { cancellation } = call;
      return cancellation?.aborted === true ? (mode.refuse(cancellation.reason) as Promise<unknown>) : next.run(call, self, args);
    },
  });
}

/** What can end a call, each once. */
function cancellationsOf(signals: readonly SignalOption[], call: Call, self: unknown, args: Args): Cancellation[] {
  const found = signals.map((signal) => (typeof signal === 'function' ? askedSignal(signal, call, self, args) : signal));
  const own = found.filter((signal) => signal !== undefined).map((signal) => SignalCancellation.of(signal));
  return [...new Set([...(call.cancellation === undefined ? [] : [call.cancellation]), ...own])];
}

/** @throws {@link ConfigurationError} when what it gives is no signal, or what it throws. */
function askedSignal(option: SignalOption & ((...args: never[]) => unknown), { operation }: Call, self: unknown, args: Args): AbortSignal | undefined {
  const signal: unknown = Reflect.apply(option, self, args as never[]);
  if (signal === undefined || signal === null) return undefined;
  if (isSignal(signal)) return signal;
  throw new ConfigurationError(operation, [{ path: 'signal', message: 'must give an AbortSignal, or undefined', received: signal }], operation);
}
