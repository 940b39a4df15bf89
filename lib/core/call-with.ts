import { ambientCall, Call, invoke, remainingMs, type Deadline } from './call';
import { isThenable } from './call-safely';
import { CancellationSource, EitherCancellation, SignalCancellation } from './cancellation';
import { systemClock } from './clock';
import { ConfigurationError, type ConfigurationIssue } from './errors';
import { isSignal } from './options';
import { hintAtNoFunction, propertyOf } from './safe-inspect';
import { startTimer } from './timer';

/** The signal and the deadline that end calls. */
export interface CallWithOptions {
  /** Ends them when it is aborted; they reject with its reason. @defaultValue none */
  signal?: AbortSignal | undefined;
  /** Ends them at this moment, with a `TimeoutError`, where `fn` returns a promise or another thenable: in monotonic milliseconds of the system's clock, as `currentCall().deadline`; for a time from now, `performance.now() + 500`. @defaultValue none */
  deadline?: number | undefined;
}

/**
 * Runs `fn` so that all protected calls in it end with a signal or at a deadline: waits, queues, retries, hedges, streams, and the signal of
 * each attempt. It holds until `fn`'s first `await`; after {@link enableCallContext}, across awaits. What ends the call around ends them as well.
 *
 * @returns What `fn` returns.
 * @throws {@link ConfigurationError} when an option is wrong, or `fn` is no function.
 */
export function callWith<T>(options: CallWithOptions, fn: () => T): T {
  check(options, fn);
  const { signal, deadline } = options;
  const outer = ambientCall() ?? new Call('callWith');
  const limit = deadline === undefined ? outer.limit : earlier({ atMs: deadline, clock: systemClock }, outer.limit);
  const own = signal && SignalCancellation.of(signal);
  const isSimple = deadline === undefined && (own === undefined || outer.cancellation === undefined || outer.cancellation === own);
  if (isSimple) return invoke(fn, outer.as(1, own ?? outer.cancellation), undefined, []) as T;
  const timer = new CancellationSource();
  const either = new EitherCancellation(own, outer.cancellation, timer);
  const call = new ScopedCall(outer.operation, outer.record, either, 1, limit, outer.retried, outer.retriedAround, outer.holds);
  const cancelTimer = deadline === undefined ? undefined : endAt(deadline, timer);
  const release = (): void => {
    cancelTimer?.();
    call.release();
    either.release();
  };
  let result: T;
  try {
    result = invoke(fn, call, undefined, []) as T;
  } catch (thrown) {
    release();
    throw thrown;
  }
  if (isPromise(result)) {
    result.then(release, release);
  } else if (deadline === undefined || !isThenable(result)) {
    // Calls that it has begun still end with the signal, but no timer stays for it, and nothing for the signal that it asked for itself.
    cancelTimer?.();
    call.release();
  }
  // Another thenable may be a query that runs when its `then` is called, so it is not: the timer stays until the deadline, which releases all.
  return result;
}

/** The call of the function itself. The signal that it asks for ends with it; the calls inside it go on under its cancellation. */
class ScopedCall extends Call {
  #source: CancellationSource | undefined;
  #isOver = false;

  override get signal(): AbortSignal {
    const { cancellation } = this;
    return (this.#source ??= new CancellationSource(this.#isOver && cancellation?.aborted !== true ? undefined : cancellation)).signal;
  }

  release(): void {
    this.#isOver = true;
    this.#source?.release();
  }
}

/** A promise of any realm, or of a library that says so. It has begun, and to wait for it begins nothing. */
function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || (isThenable(value) && propertyOf(value, Symbol.toStringTag) === 'Promise');
}

/** @returns A function that cancels it. */
function endAt(deadline: number, source: CancellationSource): () => void {
  const leftMs = Math.max(0, deadline - systemClock.now());
  const end = (): void => {
    source.abort(timeoutError());
  };
  if (leftMs > 0) return startTimer(systemClock, leftMs, end);
  end();
  return end;
}

function earlier(one: Deadline, other: Deadline | undefined): Deadline {
  return other !== undefined && remainingMs(other) < remainingMs(one) ? other : one;
}

function timeoutError(): Error {
  return Object.assign(new Error('The deadline of the call has passed'), { name: 'TimeoutError' });
}

function check(options: CallWithOptions, fn: unknown): void {
  const { signal, deadline } = (options ?? {}) as Partial<Record<keyof CallWithOptions, unknown>>;
  const issues: ConfigurationIssue[] = [];
  if (signal !== undefined && !isSignal(signal)) issues.push({ path: 'signal', message: 'must be an AbortSignal', received: signal });
  if (deadline !== undefined && !Number.isFinite(deadline)) {
    issues.push({ path: 'deadline', message: 'must be a moment in milliseconds, such as performance.now() + 500', received: deadline });
  }
  if (typeof fn !== 'function') issues.push({ path: 'fn', message: `must be a function${hintAtNoFunction(fn)}`, received: fn });
  if (issues.length > 0) throw new ConfigurationError('callWith', issues);
}
