/** Of the keys and of what they hold. Another version has other keys, so that two of them are two fleets, and do each other no harm. */
const SCHEMA_VERSION = 1;

/** Of a breaker's record, the votes on it, and its members. What is in braces tells a cluster the slot: the same for all three. */
export function keysOf(prefix: string, breaker: string): readonly string[] {
  return ['s', 'v', 'm'].map((part) => `${prefix}:${SCHEMA_VERSION}:{${breaker}}:${part}`);
}

/** Where transitions of all breakers are told. */
export function channelOf(prefix: string): string {
  return `${prefix}:${SCHEMA_VERSION}:changes`;
}

/** Of the keys of all records under a prefix: a pattern for `SCAN`. */
export function recordPattern(prefix: string): string {
  return `${prefix}:${SCHEMA_VERSION}:{*}:s`;
}

/** The breaker whose record is at a key that {@link recordPattern} has found. */
export function breakerOf(key: string): string {
  return key.slice(key.indexOf('{') + 1, key.lastIndexOf('}'));
}
