import { newCallRecord } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import { CALLERS_ABORT, isOwnRejection, errorToClassify } from '../core/outcome';
import { admitAll, permitUntil } from '../core/pass';
import type { Driver, Guard } from '../core/policy';
import type { RegistryEvents } from '../registry/events';
import type { BreakerRegistry } from '../registry/registry';

/** Measures what begins now. @returns Emits its event, with what is known of it besides. */
function measure(type: 'call' | 'attempt', operation: string, { events, injected }: BreakerRegistry): (about: object, failure?: { error: unknown }) => void {
  const clock = injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  return (about, failure) => {
    if (!events.has(type)) return;
    const end = { duration: clock.now() - startedAtMs, outcome: failure ? 'failure' : 'success', ...failure };
    events.emit(type, { type, operation, at: wallTime(clock), ...end, ...about } as RegistryEvents['call'] & RegistryEvents['attempt']);
  };
}

/** Emits an event for each run of the function. Of a stream, a run ends when its first item is there. */
export function watchAttempts(operation: string, registry: BreakerRegistry): Driver {
  return (next) => ({
    run(call, self, args) {
      const emit = measure('attempt', operation, registry);
      const { success, failure } = permitUntil((failed) => {
        emit({ callId: call.watch?.id, attempt: call.attempt, kind: call.kind }, failed);
      });
      return next.run(call, self, args).then(success, failure);
    },
  });
}

/** Numbers each call, and emits an event when it has ended. A guard: the permit of a stream lasts to its end. */
export function watchCalls(operation: string, registry: BreakerRegistry): Guard {
  return admitAll((call) => {
    const watch = newCallRecord();
    const { id, verdict } = watch;
    const emit = measure('call', operation, registry);
    return permitUntil((failed) => {
      // The caller may have left before any attempt.
      if (failed && errorToClassify(failed.error, operation, call.cancellation) === CALLERS_ABORT) verdict.counted ??= 'ignored';
      const { counted, state } = verdict;
      const isRejected = failed && isOwnRejection(failed.error, operation);
      emit({ callId: id, ...(isRejected && { outcome: 'rejected' }), ...(counted && { counted }), ...(state && { state }) }, failed);
    }, call.watched(watch));
  });
}
