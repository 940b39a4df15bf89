import { newCallRecord } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import { CALLERS_ABORT, isOwnRejection, errorToClassify, type Result } from '../core/outcome';
import { admitAll, permitBy } from '../core/pass';
import type { Driver, Guard } from '../core/policy';
import type { RegistryEvents } from '../registry/events';
import type { BreakerRegistry } from '../registry/registry';

/** Measures what begins now. @returns Emits its event when it has ended. */
function timedEvent(type: 'call' | 'attempt', operation: string, { events, injected }: BreakerRegistry): (result: Result, about: object) => void {
  const clock = injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  return (result, about) => {
    const outcome = 'error' in result ? { outcome: 'failure', error: result.error } : { outcome: 'success' };
    const event = { type, operation, at: wallTime(clock), duration: clock.now() - startedAtMs, ...outcome, ...about };
    events.emit(type, event as RegistryEvents['call'] & RegistryEvents['attempt']);
  };
}

/** Emits an event for each run of the function. Of a stream, a run ends when its first item is there. */
export function attemptEvents(operation: string, registry: BreakerRegistry): Driver {
  return (next) => ({
    run(call, self, args) {
      const emit = timedEvent('attempt', operation, registry);
      const { success, failure } = permitBy((result) => {
        emit(result, { callId: call.record?.id, attempt: call.attempt, kind: call.kind });
      });
      return next.run(call, self, args).then(success, failure);
    },
  });
}

/** Numbers each call, and emits an event when it has ended. A guard: the permit of a stream lasts to its end. */
export function callEvents(operation: string, registry: BreakerRegistry): Guard {
  return admitAll((call) => {
    const record = newCallRecord();
    const emit = timedEvent('call', operation, registry);
    const settle = (result: Result): void => {
      // The caller may have left before any attempt.
      if ('error' in result && errorToClassify(result.error, operation, call.cancellation) === CALLERS_ABORT) record.result.counted ??= 'ignored';
      emit(result, { callId: record.id, ...(isOwnRejection(result.error, operation) && { outcome: 'rejected' }), ...record.result });
    };
    return permitBy(settle, undefined, call.recordedBy(record));
  });
}
