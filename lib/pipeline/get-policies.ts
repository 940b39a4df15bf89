import { describe, planOf, type PolicyInfo } from './wrapper';

/**
 * The policies of a protected function, outermost first; empty when it is not protected.
 *
 * @param target - A function, or (with `method`) a prototype or class.
 */
export function getPolicies(target: object, method?: PropertyKey): readonly PolicyInfo[] {
  let fn: unknown = method === undefined ? target : memberOf(target, method);
  // Other decorators may have wrapped ours; those that keep it as their prototype let it be found.
  while (typeof fn === 'function') {
    const plan = planOf(fn);
    if (plan !== undefined) return describe(plan);
    fn = Object.getPrototypeOf(fn) as unknown;
  }
  return [];
}

function memberOf(target: object, method: PropertyKey): unknown {
  const own = (target as Record<PropertyKey, unknown>)[method];
  if (own !== undefined || typeof target !== 'function') return own;
  return (target.prototype as Record<PropertyKey, unknown> | undefined)?.[method];
}
