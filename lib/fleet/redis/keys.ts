/** Of the keys and of what they hold. Another version has other keys, so that two of them are two fleets, and do each other no harm. */
const SCHEMA_VERSION = 2;

const SHARDS = 16;

/** Where a record is. What is in braces tells a cluster the slot: the same for all records of a shard, so that one command reads them. */
export function keyOf(prefix: string, name: string): string {
  return `{${prefix}:${SCHEMA_VERSION}:${shardOf(name)}}:${name}`;
}

/** `0` to `f`, by the hash FNV-1a of the name. */
export function shardOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 16)) & (SHARDS - 1)).toString(16);
}

/** Of the hash with the heartbeats of processes. */
export function membersKey(prefix: string): string {
  return `{${prefix}:${SCHEMA_VERSION}:members}`;
}

/** Where writes of all records are told. */
export function channelOf(prefix: string): string {
  return `${prefix}:${SCHEMA_VERSION}:changes`;
}

/** Of the keys of all records under a prefix: a pattern for `SCAN`. */
export function recordPattern(prefix: string): string {
  return `{${prefix}:${SCHEMA_VERSION}:?}:*`;
}

/** The name of the record at a key that {@link recordPattern} has found. */
export function recordNameOf(key: string): string {
  return key.slice(key.indexOf('}:') + 2);
}
