/** Grows with each version that changes the shape of what copies share: copies with other numbers share nothing, and work side by side. */
const PROTOCOL = 2;

/** The key on `globalThis` of what all copies of the package with the same protocol share. */
export const sharedKey = (name: string): symbol => Symbol.for(`breaker-box.${name}@${PROTOCOL}`);

/**
 * A value that all copies of the package in one realm have in common: a library may bring a copy of its own, and a test runner that resets
 * its modules makes another.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = sharedKey(`shared.${name}`);
  const slots = globalThis as unknown as Record<symbol, (() => T) | undefined>;
  return (slots[key] ??= keeping(make()))();
}

/** In a closure: when a test file ends, Jest deletes the properties of all objects on `globalThis`, and finalizers come later. */
function keeping<T>(value: T): () => T {
  return () => value;
}

/**
 * Counts the changes of what decides how calls run, and changes rarely: who listens, which registry a call uses, which breaker an operation
 * has. What a pipeline composed holds as long as the count stays, and to look at one number spares every call a look at each of them. All
 * copies of the package count here, for the operations of one may be called through another.
 */
export const version = /* @__PURE__ */ shared('version', () => ({ current: 0 }));
