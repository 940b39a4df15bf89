import type { Call } from './call';
import type { Outcome, Result } from './outcome';
import { Refusal, type Guard, type Permit } from './policy';
import { Rejection } from './run';

/** The guards of a pipeline's own: they refuse nothing, unless `admit` throws, and change no outcome. */
export function admitAll(admit: Guard['admit'], blockedMs: Guard['blockedMs'] = () => 0): Guard {
  return { admit, deny: () => new Refusal(undefined), blockedMs };
}

/**
 * A permit by what becomes of its attempt.
 *
 * @param settle - Called with its result; `known`: what that counts as, where nothing is to be classified.
 * @param thrown - What the caller gets for an error.
 * @param call - The call that runs inside.
 */
export function permitBy(settle: (result: Result, known?: Outcome) => void, thrown = (error: unknown): unknown => error, call?: Call): Permit {
  return {
    call,
    success(value) {
      settle({ value });
      return value;
    },
    failure(error) {
      settle({ error });
      return new Rejection(thrown(error));
    },
    ignore() {
      settle({}, 'ignored');
    },
    leave() {
      settle({}, 'success');
    },
  };
}

export const PASS: Permit = /* @__PURE__ */ permitBy(() => undefined);
