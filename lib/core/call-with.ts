import { ambientCall, Call, invoke, remainingMs, type Deadline } from './call';
import { CancellationSource, EitherCancellation, SignalCancellation } from './cancellation';
import { systemClock } from './clock';
import { ConfigurationError, type ConfigurationIssue } from './errors';
import { hintAtNoFunction } from './safe-inspect';
import { isSignal } from './options';
import { startTimer } from './timer';

/** What ends calls. */
export interface CallWithOptions {
  /** Ends them when it is aborted; they reject with its reason. @defaultValue none */
  signal?: AbortSignal | undefined;
  /** Ends them at this moment, with a `TimeoutError`, where `fn` returns a promise: in monotonic milliseconds of the system's clock, as `currentCall().deadline`; for a time from now, `performance.now() + 500`. @defaultValue none */
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
  const outer = ambientCall() ?? new Call('callWith', undefined, undefined);
  const limit = deadline === undefined ? outer.limit : earlier({ atMs: deadline, clock: systemClock }, outer.limit);
  const own = signal && SignalCancellation.of(signal);
  const isSimple = deadline === undefined && (own === undefined || outer.cancellation === undefined || outer.cancellation === own);
  if (isSimple) return invoke(fn, outer.as(1, own ?? outer.cancellation), undefined, []) as T;
  const timer = new CancellationSource();
  const either = new EitherCancellation(own, outer.cancellation, timer);
  const cancelTimer = deadline === undefined ? undefined : endAt(deadline, timer);
  const release = (): void => {
    cancelTimer?.();
    either.release();
  };
  let result: T;
  try {
    result = invoke(fn, outer.as(1, either, limit), undefined, []) as T;
  } catch (thrown) {
    release();
    throw thrown;
  }
  if (result instanceof Promise) {
    result.then(release, release);
  } else {
    // What it has begun still ends with the signal, but no timer stays for it.
    cancelTimer?.();
  }
  return result;
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
