import { invoke, type AnyFunction, type Call } from '../../core/call';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../../core/runner';
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
  if (admission === undefined) return rejected(machine.reject(call), onFailure);
  return next.run(
    admission.isProbe ? call.asSpecial('probe') : call,
    self,
    args,
    onSuccess === undefined ? admission.onSuccess : (value) => onSuccess(admission.onSuccess(value)),
    onFailure === undefined ? admission.onFailure : (error) => onFailure(admission.failed(error)),
  );
}

/** Runs a synchronous function through a breaker. @throws {@link CircuitOpenError}, or the function's own error. */
export function guardSync(machine: Machine, fn: AnyFunction, call: Call, self: unknown, args: Args): unknown {
  const admission = machine.admit(call);
  if (admission === undefined) throw machine.reject(call);
  let value: unknown;
  try {
    value = invoke(fn, admission.isProbe ? call.asSpecial('probe') : call, self, args);
  } catch (error) {
    throw admission.failed(error);
  }
  return admission.onSuccess(value);
}
