import { nextCallId, type Call } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import { hasCode, isBreakerBoxError } from '../core/errors';
import type { AttemptObserver } from '../core/runner';
import { OpenStream } from '../core/stream';
import { propertyOf } from '../core/thrown';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';

/** Tells the registry's listeners of each run of a function. Only calls that have an id, which somebody watches, are told. */
export function observeAttempts(operation: Operation, registry: BreakerRegistry): AttemptObserver {
  const clock = registry.injected.clock ?? systemClock;
  return {
    begin: () => clock.now(),
    end(call, startedAtMs, result) {
      const { events } = registry;
      if (call.id === undefined || !events.has('attempt')) return;
      events.emit('attempt', {
        type: 'attempt',
        operation: operation.name,
        at: wallTime(clock),
        callId: call.id,
        attempt: call.attempt,
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
  const clock = registry.injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  const callId = nextCallId();
  const tell = (end: { outcome: 'success' } | { outcome: 'failure' | 'rejected'; error: unknown }): void => {
    if (!registry.events.has('call')) return;
    const { name } = operation;
    registry.events.emit('call', { type: 'call', operation: name, at: wallTime(clock), callId, duration: clock.now() - startedAtMs, ...end });
  };
  const succeeded = (): void => {
    tell({ outcome: 'success' });
  };
  const failed = (error: unknown): unknown => {
    const isOwnRejection = isBreakerBoxError(error) && propertyOf(error, 'operation') === operation.name && !hasCode(error, 'BREAKER_TIMEOUT');
    tell({ outcome: isOwnRejection ? 'rejected' : 'failure', error });
    return error;
  };
  return run(unwatched.watched(callId)).then(
    (value) => {
      if (value instanceof OpenStream) value.report({ onSuccess: succeeded, success: succeeded, ignore: succeeded, failed });
      else succeeded();
      return value;
    },
    (error: unknown) => {
      throw failed(error);
    },
  );
}
