import { invoke, type AnyFunction, type Call } from '../core/call';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import type { Admission, OwnPermit } from './admission';
import type { Machine } from './machine';

/** Runs a call through a breaker and what is inside it, as {@link Runner.run} does. */
export function guard(
  machine: Machine,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess?: OnSuccess,
  onFailure?: OnFailure,
): Promise<unknown> {
  const admission = machine.admit(call);
  if (admission !== undefined) return runAdmitted(admission, next, call, self, args, onSuccess, onFailure);
  if (machine.fleet === undefined) return rejected(machine.reject(call), onFailure);
  return runLater(machine, next, call, self, args, onSuccess, onFailure);
}

/** Apart, for a function whose parameters a closure holds keeps them on the heap at every call. */
function runLater(
  machine: Machine,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess: OnSuccess | undefined,
  onFailure: OnFailure | undefined,
): Promise<unknown> {
  return admitLater(machine, call, onFailure, (permit) => runAdmitted(permit, next, call, self, args, onSuccess, onFailure));
}

function runAdmitted(
  admission: Admission,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess: OnSuccess | undefined,
  onFailure: OnFailure | undefined,
): Promise<unknown> {
  return next.run(
    admission.isProbe ? asProbe(call, admission) : call,
    self,
    args,
    onSuccess === undefined ? admission.onSuccess : (value) => onSuccess(admission.onSuccess(value)),
    onFailure === undefined ? admission.onFailure : (error) => onFailure(admission.failed(error)),
  );
}

/** The end of a call that is not admitted at once: it waits for a probe slot, where it is the one to do so; else it is rejected. */
export function admitLater(
  machine: Machine,
  call: Call,
  onFailure: OnFailure | undefined,
  run: (permit: OwnPermit) => Promise<unknown>,
): Promise<unknown> {
  const reject = (): Promise<unknown> => rejected(machine.reject(call), onFailure);
  const later = machine.permitLater(call);
  if (later === undefined) return reject();
  return later.then((permit) => {
    const { cancellation } = call;
    if (cancellation?.aborted !== true) return permit === undefined ? reject() : run(permit);
    permit?.ignore();
    return rejected(cancellation.reason, onFailure);
  });
}

/** The attempt of a probe, which ends when its slot is lost. */
export function asProbe(call: Call, { lease }: Admission): Call {
  const probe = call.asSpecial('probe');
  return lease === undefined ? probe : probe.as(probe.attempt, lease);
}

/** Runs a synchronous function through a breaker. @throws {@link CircuitOpenError}, or the function's own error. */
export function guardSync(machine: Machine, fn: AnyFunction, call: Call, self: unknown, args: Args): unknown {
  const admission = machine.admit(call);
  if (admission === undefined) throw machine.reject(call);
  let value: unknown;
  try {
    value = invoke(fn, admission.isProbe ? asProbe(call, admission) : call, self, args);
  } catch (error) {
    throw admission.failed(error);
  }
  return admission.onSuccess(value);
}
