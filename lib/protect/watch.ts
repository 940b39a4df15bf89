import { newCallRecord, type Call } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import type { Cancellation } from '../core/cancellation';
import { CALLERS_ABORT, isOwnRejection, errorToClassify } from '../core/outcome';
import type { Driver, Guard, Permit } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { CallRecord } from '../core/call-record';
import type { CallEvent } from '../registry/events';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';

/** Emits an event for each run of the function. Of a stream, a run ends when its first item is there. */
export function watchAttempts({ name }: Operation, { events, injected }: BreakerRegistry): Driver {
  const clock = injected.clock ?? systemClock;
  return (next) => ({
    run(call, self, args) {
      const startedAtMs = clock.now();
      const emit = (end: { outcome: 'success' } | { outcome: 'failure'; error: unknown }): void => {
        const { watch, attempt, kind } = call;
        if (watch === undefined || !events.has('attempt')) return;
        const duration = clock.now() - startedAtMs;
        events.emit('attempt', { type: 'attempt', operation: name, at: wallTime(clock), callId: watch.id, attempt, kind, duration, ...end });
      };
      return next.run(call, self, args).then(
        (value) => {
          emit({ outcome: 'success' });
          return value;
        },
        (error: unknown) => {
          emit({ outcome: 'failure', error });
          return new Rejection(error);
        },
      );
    },
  });
}

/** Numbers each call, and emits an event when it has ended. A guard that admits all: the permit of a stream lasts to its end. */
export function watchCalls(operation: Operation, registry: BreakerRegistry): Guard {
  return {
    admit: (call) => permitOf(operation, registry, call),
    deny: () => {
      throw new Error('It admits all');
    },
  };
}

function permitOf({ name }: Operation, { events, injected }: BreakerRegistry, call: Call): Permit {
  const clock = injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  const watch = newCallRecord();
  const emit = (end: { outcome: 'success' } | { outcome: 'failure' | 'rejected'; error: unknown }): void => {
    if (!events.has('call')) return;
    const duration = clock.now() - startedAtMs;
    events.emit('call', { type: 'call', operation: name, at: wallTime(clock), callId: watch.id, duration, ...end, ...known(watch) });
  };
  const succeeded = (): void => {
    emit({ outcome: 'success' });
  };
  return {
    call: call.watched(watch),
    success(value) {
      succeeded();
      return value;
    },
    failure(error) {
      noteLeft(watch, error, name, call.cancellation);
      emit({ outcome: isOwnRejection(error, name) ? 'rejected' : 'failure', error });
      return new Rejection(error);
    },
    ignore: succeeded,
    leave: succeeded,
  };
}

/** The caller may have left before any attempt. */
function noteLeft({ verdict }: CallRecord, error: unknown, operation: string, cancellation: Cancellation | undefined): void {
  if (errorToClassify(error, operation, cancellation) === CALLERS_ABORT) verdict.counted ??= 'ignored';
}

function known({ verdict: { counted, state } }: CallRecord): Pick<CallEvent, 'counted' | 'state'> {
  return { ...(counted !== undefined && { counted }), ...(state !== undefined && { state }) };
}
