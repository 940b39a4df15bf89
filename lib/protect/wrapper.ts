import { ambient, type AnyFunction } from '../core/call';
import { rejected, whenSettled } from '../core/runner';
import { dress } from './dress';
import type { Plan } from './plan';

/** Makes the function that stands in for `original` and runs its calls by `plan`. */
export function wrap(plan: Plan, original: AnyFunction): AnyFunction {
  return dress(plan.isStream ? streaming(plan) : calling(plan), plan, original);
}

function streaming(plan: Plan): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    return plan.stream(this, args);
  };
}

/**
 * Runs calls by `plan`; the plainest of them itself. There, the arguments are only ever passed on: the engine
 * then hands them on without making an array of them. By `Reflect.apply`, since `fn.apply` is a property, to be looked up at every call.
 * The three ways repeat how a function is run, for one more function on the way costs a twelfth of a call.
 */
function calling(plan: Plan): AnyFunction {
  const { fn, policies } = plan;
  const runByLayers = function (this: unknown, ...args: unknown[]): unknown {
    return plan.run(this, args);
  };
  if (policies[0]?.kind.policy === 'retry') return retrying(plan, runByLayers);
  // Only what begins with its breaker can be plain.
  if (policies[0]?.kind.isOutsideBreaker === true) return runByLayers;
  if (policies.some(({ kind }) => kind.policy === 'timeout')) return runByLayers;
  return function (this: unknown, ...args: unknown[]) {
    const shortCut = plan.shortCut();
    const admission = shortCut?.breaker.admitPlainly();
    if (shortCut === undefined || admission === undefined) return Reflect.apply(runByLayers, this, args);
    const outer = ambient.call;
    ambient.call = shortCut.call;
    let result: unknown;
    try {
      result = Reflect.apply(fn, this, args);
    } catch (thrown) {
      result = rejected(thrown);
    } finally {
      ambient.call = outer;
    }
    return whenSettled(result, admission.success, admission.failure);
  };
}

/** The same for a pipeline that begins with a retry. */
function retrying(plan: Plan, runByLayers: AnyFunction): AnyFunction {
  const { fn } = plan;
  return function (this: unknown, ...args: unknown[]) {
    const shortCut = plan.shortCut();
    const retry = shortCut?.retry;
    const admission = retry && shortCut?.breaker.admitPlainly();
    if (shortCut === undefined || retry === undefined || admission === undefined) return Reflect.apply(runByLayers, this, args);
    const { call } = shortCut;
    const outer = ambient.call;
    ambient.call = call;
    let result: unknown;
    try {
      result = Reflect.apply(fn, this, args);
    } catch (thrown) {
      result = rejected(thrown);
    } finally {
      ambient.call = outer;
    }
    return whenSettled(result, admission.success, (error) => retry.again(admission.failure(error).reason, call, this, args));
  };
}
