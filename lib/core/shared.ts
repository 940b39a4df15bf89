/**
 * A value that all copies of the package in one realm have in common: a library may bring a copy of its own, and a test runner that resets
 * its modules makes another. Copies of other versions find it too, so what is kept here must keep its shape.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(`breaker-box.shared.${name}`);
  const slots = globalThis as unknown as Record<symbol, (() => T) | undefined>;
  return (slots[key] ??= keeping(make()))();
}

/** In a closure: when a test file ends, Jest deletes the properties of all objects on `globalThis`, and finalizers come later. */
function keeping<T>(value: T): () => T {
  return () => value;
}
