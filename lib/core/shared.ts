/** Grows when what copies of the package share changes its shape: copies of another protocol then have their own registry, and all else. */
const PROTOCOL = 2;

/** A symbol by which copies of the package that have the same protocol know each other. */
export function protocolSymbol(name: string): symbol {
  return Symbol.for(`breaker-box.${name}@${PROTOCOL}`);
}

/**
 * A value that all copies of the package in one realm have in common: a library may bring a copy of its own, and a test runner that resets
 * its modules makes another. Copies of other versions find it too, if they have the same {@link PROTOCOL}.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = protocolSymbol(`shared.${name}`);
  const slots = globalThis as unknown as Record<symbol, (() => T) | undefined>;
  return (slots[key] ??= keeping(make()))();
}

/** In a closure: when a test file ends, Jest deletes the properties of all objects on `globalThis`, and finalizers come later. */
function keeping<T>(value: T): () => T {
  return () => value;
}
