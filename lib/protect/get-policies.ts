import type { Pipeline } from './pipeline';
import { describe, pipelineWithin, type PolicyInfo } from './wrapper';

/**
 * The policies of a protected function, outermost first; empty when it is not protected.
 *
 * @param target - A function, or (with `method`) a prototype or class.
 */
export function getPolicies(target: object, method?: PropertyKey): readonly PolicyInfo[] {
  const pipeline = pipelineAt(target, method);
  return pipeline === undefined ? [] : describe(pipeline);
}

/** The pipeline of a function, or (with `method`) of that of a prototype or class. */
export function pipelineAt(target: object, method?: PropertyKey): Pipeline | undefined {
  return pipelineWithin(method === undefined ? target : memberOf(target, method));
}

function memberOf(target: object, method: PropertyKey): unknown {
  const own = (target as Record<PropertyKey, unknown>)[method];
  if (own !== undefined || typeof target !== 'function') return own;
  return (target.prototype as Record<PropertyKey, unknown> | undefined)?.[method];
}
