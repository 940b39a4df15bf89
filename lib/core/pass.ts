import type { Call } from './call';
import { Refusal, type Guard, type Permit } from './policy';
import { Rejection } from './run';

/** The guards of a pipeline's own: they refuse nothing, unless `admit` throws, and change no outcome. */
export function admitAll(admit: Guard['admit'], blockedMs: Guard['blockedMs'] = () => 0): Guard {
  return { admit, deny: () => new Refusal(undefined), blockedMs };
}

/** A permit that changes no outcome. @param end - Called when the attempt has ended. @param call - The call that runs inside. */
export function permitUntil(end: (failure?: { readonly error: unknown }) => void, call?: Call): Permit {
  return {
    call,
    success(value) {
      end();
      return value;
    },
    failure(error) {
      end({ error });
      return new Rejection(error);
    },
    ignore() {
      end();
    },
  };
}

export const PASS: Permit = /* @__PURE__ */ permitUntil(() => undefined);
