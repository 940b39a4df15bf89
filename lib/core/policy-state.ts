const states = new WeakMap<object, WeakMap<object, unknown>>();

/**
 * What a policy keeps from call to call, in a registry. It outlives the pipeline, which is compiled anew when the ambient
 * registry changes or the operation leaves its registry: else such a change would fill a budget that was spent.
 *
 * @param policy - The options of one applied policy, as they were resolved.
 */
export function stateOf<S>(policy: object, registry: object, make: () => S): S {
  const byRegistry = states.get(policy) ?? new WeakMap<object, unknown>();
  states.set(policy, byRegistry);
  const state = byRegistry.has(registry) ? (byRegistry.get(registry) as S) : make();
  byRegistry.set(registry, state);
  return state;
}
