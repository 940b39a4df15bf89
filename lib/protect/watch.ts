import { newWatch } from '../core/call';
import { systemClock, wallTime } from '../core/clock';
import { CALLERS_ABORT, isOwnRejection, toBeJudged } from '../core/outcome';
import { Refusal, type Driver, type Guard } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { Verdict } from '../core/watch';
import type { RegistryEvents } from '../registry/events';
import type { BreakerRegistry } from '../registry/registry';

interface End {
  readonly outcome: 'success' | 'failure' | 'rejected';
  readonly error?: unknown;
}

/** Measures what begins now. @param about - What its event has besides, known when it has ended. @returns Emits that event. */
function measure(type: 'call' | 'attempt', operation: string, { events, injected }: BreakerRegistry, about: () => object): (end: End) => void {
  const clock = injected.clock ?? systemClock;
  const startedAtMs = clock.now();
  return (end) => {
    if (!events.has(type)) return;
    const event = { type, operation, at: wallTime(clock), duration: clock.now() - startedAtMs, ...about(), ...end };
    events.emit(type, event as RegistryEvents['call'] & RegistryEvents['attempt']);
  };
}

/** Emits an event for each run of the function. Of a stream, a run ends when its first item is there. */
export function watchAttempts(operation: string, registry: BreakerRegistry): Driver {
  return (next) => ({
    run(call, self, args) {
      const emit = measure('attempt', operation, registry, () => ({ callId: call.watch?.id, attempt: call.attempt, kind: call.kind }));
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

/** Numbers each call, and emits an event when it has ended. A guard: the permit of a stream lasts to its end. */
export function watchCalls(operation: string, registry: BreakerRegistry): Guard {
  return admitAll((call) => {
    const watch = newWatch();
    const emit = measure('call', operation, registry, () => ({ callId: watch.id, ...known(watch.verdict) }));
    const ignore = (): void => {
      emit({ outcome: 'success' });
    };
    return {
      call: call.watched(watch),
      success(value) {
        ignore();
        return value;
      },
      failure(error) {
        // The caller may have left before any attempt.
        if (toBeJudged(error, operation, call.cancellation) === CALLERS_ABORT) watch.verdict.counted ??= 'ignored';
        emit({ outcome: isOwnRejection(error, operation) ? 'rejected' : 'failure', error });
        return new Rejection(error);
      },
      ignore,
    };
  });
}

function known({ counted, state }: Verdict): Verdict {
  return { ...(counted !== undefined && { counted }), ...(state !== undefined && { state }) };
}

/** A guard that refuses nothing, unless `admit` throws. */
export function admitAll(admit: Guard['admit'], blockedMs: Guard['blockedMs'] = () => 0): Guard {
  return { admit, deny: () => new Refusal(undefined), blockedMs };
}
