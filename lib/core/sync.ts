import { invoke, type AnyFunction, type Args, type Call } from './call';
import { checkSyncResult, Rejection, type Mode } from './run';
import { Refusal, type Guard, type Run } from './policy';

/** A layer of a synchronous function: it returns what the function returns, and throws. */
interface SyncRun {
  run(call: Call, self: unknown, args: Args): unknown;
}

/** Calls a synchronous function. */
export function callSync(fn: AnyFunction): SyncRun {
  return {
    run(call, self, args) {
      const result = invoke(fn, call, self, args);
      checkSyncResult(result, call.operation);
      return result;
    },
  };
}

/** Asks a guard, runs what is inside, and ends the permit. */
export function guardSync(guard: Guard, next: SyncRun): SyncRun {
  return {
    run(call, self, args) {
      const permit = guard.admit(call, self, args) ?? denied(guard, call, self, args);
      let value: unknown;
      try {
        value = next.run(permit.call ?? call, self, args);
      } catch (error) {
        return valueOf(permit.failure(error));
      }
      return permit.success(value);
    },
  };
}

/** A synchronous call cannot wait for its turn. */
function denied(guard: Guard, call: Call, self: unknown, args: Args): never {
  const answer = guard.deny(call, self, args, false);
  if (answer instanceof Refusal) throw answer.error;
  void answer.then((later) => {
    if (!(later instanceof Refusal)) later.ignore();
  });
  throw new TypeError(`${call.operation} is synchronous, and cannot wait`);
}

function valueOf(outcome: unknown): unknown {
  if (outcome instanceof Rejection) throw outcome.reason;
  return outcome;
}

/** A result that is there: it calls its reactions at once. So a driver that only reacts to results needs no synchronous version. */
export class Settled {
  constructor(
    private readonly isFailure: boolean,
    private readonly value: unknown,
  ) {}

  then(onSuccess?: (value: unknown) => unknown, onFailure?: (error: unknown) => unknown): Settled {
    const reaction = this.isFailure ? onFailure : onSuccess;
    if (reaction === undefined) return this;
    return settled(() => valueOf(reaction(this.value)));
  }

  result(): unknown {
    if (this.isFailure) throw this.value;
    return this.value;
  }
}

/** The result of what runs now. */
export function settled(run: () => unknown): Settled {
  try {
    return new Settled(false, run());
  } catch (thrown) {
    return new Settled(true, thrown);
  }
}

const mode: Mode<SyncRun> = {
  call: callSync,
  guard: guardSync,
  drive(driver, next, inside) {
    const driven = driver({ run: (call, self, args) => settled(() => next.run(call, self, args)) as unknown as Promise<unknown> }, inside);
    return { run: (call, self, args) => (driven.run(call, self, args) as unknown as Settled).result() };
  },
  refuse(error) {
    throw error;
  },
  isSync: true,
};

/** Synchronous functions. Guards do not know the difference; of drivers, only those that neither wait nor run anything again work here. */
export const sync = mode as unknown as Mode<Run>;
