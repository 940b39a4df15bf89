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
 * Runs calls by `plan`; the plainest of them itself. There, the arguments are only ever passed to `apply`: the engine
 * then hands them on without making an array of them.
 */
function calling(plan: Plan): AnyFunction {
  const { fn } = plan;
  const runByLayers = function (this: unknown, ...args: unknown[]): unknown {
    return plan.run(this, args);
  };
  // Only what begins with its breaker can be plain.
  if (plan.policies[0]?.kind.isOutsideBreaker === true) return runByLayers;
  if (plan.policies.some(({ kind }) => kind.policy === 'timeout')) return timing(plan, runByLayers);
  return function (this: unknown, ...args: unknown[]) {
    const admission = plan.admitPlainly();
    if (admission === undefined) return runByLayers.apply(this, args);
    const outer = ambient.call;
    ambient.call = plan.plainCall;
    let result: unknown;
    try {
      result = fn.apply(this, args);
    } catch (thrown) {
      result = rejected(thrown);
    } finally {
      ambient.call = outer;
    }
    return whenSettled(result, admission.onSuccess, admission.onFailure);
  };
}

/** The same for a pipeline with a timeout. */
function timing(plan: Plan, runByLayers: AnyFunction): AnyFunction {
  const { fn } = plan;
  return function (this: unknown, ...args: unknown[]) {
    const run = plan.beginPlainly();
    if (run === undefined) return runByLayers.apply(this, args);
    const { call: outer, looks } = ambient;
    ambient.call = run.inner;
    let result: unknown;
    try {
      result = fn.apply(this, args);
    } catch (thrown) {
      result = rejected(thrown);
    } finally {
      ambient.call = outer;
    }
    run.returned(looks);
    void whenSettled(result, run.succeed, run.fail);
    return run.answer();
  };
}
