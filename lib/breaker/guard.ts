import { invoke, type AnyFunction, type Call } from '../core/call';
import { Refusal, type Permit } from '../core/policy';
import type { Rejection } from '../core/rejection';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import type { Breaker } from './breaker';

/** Runs a call through a breaker and what is inside it, as {@link Runner.run} does. */
export function guard(
  breaker: Breaker,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess?: OnSuccess,
  onFailure?: OnFailure,
): Promise<unknown> {
  const permit = breaker.admit(call);
  return permit === undefined
    ? runLater(breaker, next, call, self, args, onSuccess, onFailure)
    : runAdmitted(permit, next, call, self, args, onSuccess, onFailure);
}

/** Apart, for a function whose parameters a closure holds keeps them on the heap at every call. */
function runLater(
  breaker: Breaker,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess: OnSuccess | undefined,
  onFailure: OnFailure | undefined,
): Promise<unknown> {
  return admitLater(breaker, call, onFailure, (permit) => runAdmitted(permit, next, call, self, args, onSuccess, onFailure));
}

function runAdmitted(
  permit: Permit,
  next: Runner,
  call: Call,
  self: unknown,
  args: Args,
  onSuccess: OnSuccess | undefined,
  onFailure: OnFailure | undefined,
): Promise<unknown> {
  return next.run(
    permit.call ?? call,
    self,
    args,
    onSuccess === undefined ? permit.success : (value) => onSuccess(permit.success(value)),
    onFailure === undefined ? permit.failure : (error) => onFailure((permit.failure(error) as Rejection).reason),
  );
}

/** The end of a call that is not admitted at once: it waits for a probe slot, where it is the one to do so; else it is rejected. */
export function admitLater(
  breaker: Breaker,
  call: Call,
  onFailure: OnFailure | undefined,
  run: (permit: Permit) => Promise<unknown>,
): Promise<unknown> {
  const answer = breaker.deny(call);
  if (answer instanceof Refusal) return rejected(answer.error, onFailure);
  return answer.then((permit) => {
    const { cancellation } = call;
    if (permit instanceof Refusal) return rejected(permit.error, onFailure);
    if (cancellation?.aborted !== true) return run(permit);
    permit.ignore();
    return rejected(cancellation.reason, onFailure);
  });
}

/** Runs a synchronous function through a breaker. @throws {@link CircuitOpenError}, or the function's own error. */
export function guardSync(breaker: Breaker, fn: AnyFunction, call: Call, self: unknown, args: Args): unknown {
  const permit = breaker.admit(call);
  if (permit === undefined) throw breaker.reject(call);
  let value: unknown;
  try {
    value = invoke(fn, permit.call ?? call, self, args);
  } catch (error) {
    throw (permit.failure(error) as Rejection).reason;
  }
  return permit.success(value);
}
