import type { Call, Hold } from '../core/call';
import type { Permit } from '../core/policy';
import { Rejection } from '../core/rejection';

/** Of a call that needs no slot of its own. */
export const NO_SLOT: Permit = {
  success: (value) => value,
  failure: (error) => new Rejection(error),
  ignore: () => undefined,
};

/** Whether a call, or one around it, holds one of these slots: it takes no second one, or it could wait for itself. */
export function holdsOneOf(slots: object, call: Call): boolean {
  for (let hold = call.holds; hold !== undefined; hold = hold.around) {
    if (hold.slots === slots && !hold.isOver) return true;
  }
  return false;
}

/** A permit whose call is known to hold a slot, as are the calls inside it, until its end. */
export function holding(slots: object, permit: Permit, call: Call): Permit {
  const hold: Hold = { slots, around: call.holds, isOver: false };
  const last = <A extends unknown[], R>(end: (...args: A) => R) => (...args: A): R => {
    hold.isOver = true;
    return end(...args);
  };
  return {
    success: last(permit.success),
    failure: last(permit.failure),
    ignore: last(permit.ignore),
    leave: last(permit.leave ?? (() => void permit.success(undefined))),
    begun: permit.begun,
    call: call.holding(hold),
  };
}
