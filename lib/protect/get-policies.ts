import { describe, planOf, type PolicyInfo } from './dress';
import type { Plan } from './plan';

/**
 * The policies of a protected function, outermost first; empty when it is not protected.
 *
 * @param target - A function, or (with `method`) a prototype or class.
 */
export function getPolicies(target: object, method?: PropertyKey): readonly PolicyInfo[] {
  const plan = planAt(target, method);
  return plan === undefined ? [] : describe(plan);
}

/** The plan of a function, or (with `method`) of that of a prototype or class. */
export function planAt(target: object, method?: PropertyKey): Plan | undefined {
  return planWithin(method === undefined ? target : memberOf(target, method));
}

/** The plan of a function, or of the one it wraps: decorators of others that keep ours as their prototype let it be found. */
export function planWithin(wrapper: unknown): Plan | undefined {
  for (let fn = wrapper; typeof fn === 'function'; fn = Object.getPrototypeOf(fn) as unknown) {
    const plan = planOf(fn);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

function memberOf(target: object, method: PropertyKey): unknown {
  const own = (target as Record<PropertyKey, unknown>)[method];
  if (own !== undefined || typeof target !== 'function') return own;
  return (target.prototype as Record<PropertyKey, unknown> | undefined)?.[method];
}
