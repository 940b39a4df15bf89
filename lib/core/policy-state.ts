const states = new WeakMap<object, WeakMap<object, unknown>>();
const places = new WeakMap<object, object>();

/**
 * What a policy keeps from call to call, in a registry. It outlives the pipeline, which is compiled anew when the ambient
 * registry changes or the operation leaves its registry: else such a change would fill a budget that was spent.
 *
 * @param policy - The options of one applied policy, as they were resolved.
 */
export function stateOf<S>(policy: object, registry: object, make: () => S): S {
  const byRegistry = states.get(policy) ?? new WeakMap<object, unknown>();
  states.set(policy, byRegistry);
  const place = placeOf(registry);
  const state = byRegistry.has(place) ? (byRegistry.get(place) as S) : make();
  byRegistry.set(place, state);
  return state;
}

/** {@link stateOf}, where it is there already. */
export function knownState<S>(policy: object, registry: object): S | undefined {
  return states.get(policy)?.get(placeOf(registry)) as S | undefined;
}

/** What the state of a registry's policies is kept for: the registry, until that was made to forget. */
export function placeOf(registry: object): object {
  return places.get(registry) ?? registry;
}

/** Lets the policies of a registry begin anew, with the next pipelines that are compiled. Those that run keep what they have. */
export function forgetStates(registry: object): void {
  places.set(registry, {});
}
