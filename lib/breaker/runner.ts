import type { Call } from '../core/call';
import { Refusal, type Guard, type Permit } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { Args } from '../core/runner';
import type { Admission, OwnPermit } from './admission';
import { asProbe } from './guard';
import type { Machine } from './machine';

/** Finds the breaker of a call: the operation's, or that of the call's key or receiver. */
export interface BreakerSource {
  /** @throws {@link ConfigurationError} when the call has no key. */
  machineFor(self: unknown, args: Args): Machine;
  /** The same, as far as it is there: makes none, uses none, and does not throw. */
  peek(self: unknown, args: Args): Machine | undefined;
}

/** The breakers of an operation as a guard. */
export function guardOf(source: BreakerSource): Guard {
  return new BreakersGuard(source);
}

/** Lets all attempts pass, but knows whether the breaker, which another wrapper of the operation holds, would admit them. */
export function gateOf(source: BreakerSource): Guard {
  return { admit: () => PASS, deny: () => new Refusal(undefined), blockedMs: (self, args) => blockedMs(source, self, args) };
}

const PASS: Permit = { success: (value) => value, failure: (error) => new Rejection(error), ignore: () => undefined };

/** A breaker that is not there yet blocks nothing. */
function blockedMs(source: BreakerSource, self: unknown, args: Args): number {
  return source.peek(self, args)?.blockedForMs() ?? 0;
}

class BreakersGuard implements Guard {
  /** Whose admission the shared permit is of. */
  #admission: Admission | undefined;
  #permit: Permit | undefined;
  /** Which breaker did not admit: `deny` is asked right after `admit`, and must not ask for the key again. */
  #denying: Machine | undefined;

  constructor(private readonly source: BreakerSource) {}

  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const machine = this.source.machineFor(self, args);
    const admission = machine.admit(call);
    if (admission === undefined) {
      this.#denying = machine;
      return undefined;
    }
    return admission === this.#admission ? this.#permit : this.#permitOf(machine, admission, call);
  }

  deny(call: Call): Refusal | Promise<Permit | Refusal> {
    const machine = this.#denying!;
    this.#denying = undefined;
    const later = machine.fleet === undefined ? undefined : machine.permitLater(call);
    if (later === undefined) return new Refusal(machine.reject(call));
    return later.then((permit) => {
      if (permit !== undefined) return this.#permitOf(machine, permit, call);
      const { cancellation } = call;
      return new Refusal(cancellation?.aborted === true ? cancellation.reason : machine.reject(call));
    });
  }

  blockedMs(self: unknown, args: Args): number {
    return blockedMs(this.source, self, args);
  }

  #permitOf(machine: Machine, admission: Admission, call: Call): Permit {
    const { onSuccess: success, onFailure: failure } = admission;
    if ('settled' in admission) {
      const own = admission as OwnPermit;
      const ignore = (): void => { own.ignore(); };
      return { success, failure, ignore, leave: () => { own.success(); }, call: own.isProbe ? asProbe(call, own) : undefined };
    }
    // The permit of all attempts that need nothing of their own.
    this.#admission = admission;
    const settle = (end: 'ignored' | 'success') => (): void => {
      machine.inFlight--;
      machine.record(machine.epoch === (admission as unknown) ? machine.epoch : undefined, end, undefined, false);
    };
    return (this.#permit = { success, failure, ignore: settle('ignored'), leave: settle('success'), call: undefined });
  }
}
