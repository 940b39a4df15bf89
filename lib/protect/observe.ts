import { newWatch, type Call } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import type { Cancellation } from '../core/cancellation';
import { CALLERS_ABORT, isOwnRejection, toBeJudged } from '../core/outcome';
import type { AttemptObserver } from '../core/runner';
import { OpenStream } from '../core/stream';
import type { Watch } from '../core/watch';
import type { CallEvent } from '../registry/events';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';

/** Tells the registry's listeners of each run of a function. Only calls that somebody watches are told. */
export function observeAttempts(operation: Operation, registry: BreakerRegistry): AttemptObserver {
  const clock = registry.injected.clock ?? systemClock;
  return {
    begin: () => clock.now(),
    end({ watch, attempt, kind }, startedAtMs, result) {
      const { events } = registry;
      if (watch === undefined || !events.has('attempt')) return;
      events.emit('attempt', {
        type: 'attempt',
        operation: operation.name,
        at: wallTime(clock),
        callId: watch.id,
        attempt,
        kind,
        duration: clock.now() - startedAtMs,
        ...(result === undefined ? { outcome: 'success' } : { outcome: 'failure', error: result.error }),
      });
    },
  };
}

/** Runs a call that somebody watches, and tells how it ended. */
export function observeCall(
  operation: Operation,
  registry: BreakerRegistry,
  unwatched: Call,
  run: (call: Call) => Promise<unknown>,
): Promise<unknown> {
  const watch = newWatch();
  const { succeeded, failed } = endOf(operation, registry, watch, unwatched.cancellation);
  return run(unwatched.watched(watch)).then(
    (value) => {
      if (OpenStream.is(value)) value.report({ onSuccess: succeeded, success: succeeded, ignore: succeeded, failed });
      else succeeded();
      return value;
    },
    (error: unknown) => {
      throw failed(error);
    },
  );
}

/** What is to be told of a call that begins now, when it ends. @param cancellation - What can end it from outside. */
export function endOf({ name }: Operation, registry: BreakerRegistry, { id: callId, verdict }: Watch, cancellation: Cancellation | undefined) {
  const clock = registry.injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  const tell = (end: { outcome: 'success' } | { outcome: 'failure' | 'rejected'; error: unknown }): void => {
    if (!registry.events.has('call')) return;
    const duration = clock.now() - startedAtMs;
    registry.events.emit('call', { type: 'call', operation: name, at: wallTime(clock), callId, duration, ...end, ...known(verdict) });
  };
  return {
    succeeded: (): void => {
      tell({ outcome: 'success' });
    },
    failed: (error: unknown): unknown => {
      // The caller may have left before any attempt.
      if (toBeJudged(error, name, cancellation) === CALLERS_ABORT) verdict.counted ??= 'ignored';
      tell({ outcome: isOwnRejection(error, name) ? 'rejected' : 'failure', error });
      return error;
    },
  };
}

function known({ counted, state }: Watch['verdict']): Pick<CallEvent, 'counted' | 'state'> {
  return { ...(counted !== undefined && { counted }), ...(state !== undefined && { state }) };
}
