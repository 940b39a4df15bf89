import { hashOf } from '../shared-name';

/** Of the keys and of what they hold. Another version has other keys, so that two of them are two fleets, and do each other no harm. */
const SCHEMA_VERSION = 2;

export const SHARDS: readonly string[] = [...'0123456789abcdef'];

export function shardOf(name: string): string {
  return SHARDS[hashOf(name) & (SHARDS.length - 1)]!;
}

/**
 * How the keys of a shard's records begin. What is in braces tells a cluster the slot, so that one command reads them.
 *
 * @param shard - `?`: all shards, in a pattern for `SCAN`.
 */
export function shardPrefix(prefix: string, shard: string): string {
  return `{${prefix}:${SCHEMA_VERSION}:${shard}}:`;
}

/** Where a record is. */
export function keyOf(prefix: string, name: string): string {
  return shardPrefix(prefix, shardOf(name)) + name;
}

/** Of the hash with the heartbeats of processes. */
export function membersKey(prefix: string): string {
  return `{${prefix}:${SCHEMA_VERSION}:members}`;
}

/** Where writes of all records are told. */
export function channelOf(prefix: string): string {
  return `${prefix}:${SCHEMA_VERSION}:changes`;
}
