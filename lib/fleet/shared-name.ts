import { sha256 } from './sha256';

/** The longest name of a record, and what is kept of a longer one. */
const LONGEST = 200;
const KEPT = 100;

/**
 * Names the record of a breaker in a store: the operation's name, and the key of a keyed one, percent-encoded and joined by `/`. Of what
 * would be longer than 200 characters, the first 100 are kept, with a hash of all after `=`. No two breakers have the same.
 */
export function sharedName(operation: string, key?: string): string {
  const name = key === undefined ? encoded(operation) : `${encoded(operation)}/${encoded(key)}`;
  return name.length <= LONGEST ? name : `${name.slice(0, KEPT)}=${sha256(name)}`;
}

/** Whether a record's name tells the whole name of its breaker. */
export function isWhole(name: string): boolean {
  return !name.includes('=');
}

/** As much of a text as a store keeps for people. */
const LONGEST_TITLE = 500;

/** The name of a breaker for people, where that of its record does not tell it. */
export function titleOf({ name, key }: { readonly name: string; readonly key: string | undefined }): string | undefined {
  return isWhole(sharedName(name, key)) ? undefined : wellFormed(key === undefined ? name : `${name} (${key})`).slice(0, LONGEST_TITLE);
}

/** What the name of a record says, for people. */
export function readSharedName(name: string): { readonly operation: string; readonly key?: string } {
  const [operation = '', key] = (name.split('=')[0] ?? '').split('/').map(decoded);
  return { operation, ...(key !== undefined && { key }) };
}

const PAIR_OR_HALF = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const HALF = /^[\ud800-\udfff]$/;

/** Percent-encoded; half of a surrogate pair, which has no UTF-8, as `%uD800`. */
function encoded(text: string): string {
  return text
    .split(/([\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff])/)
    .map((part) => (HALF.test(part) ? `%u${part.charCodeAt(0).toString(16).toUpperCase()}` : encodeURIComponent(part)))
    .join('');
}

function decoded(text: string): string {
  return text
    .split(/(%u[0-9A-F]{4})/)
    .map((part) => (part.startsWith('%u') ? String.fromCharCode(parseInt(part.slice(2), 16)) : decodedPart(part)))
    .join('');
}

/** A name that was cut may end within a character. */
function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Text that JSON and UTF-8 can carry: half of a surrogate pair becomes `U+FFFD`. */
export function wellFormed(text: string): string {
  return text.replace(PAIR_OR_HALF, (found) => (found.length === 1 ? '\ufffd' : found));
}

/** 32 bits of FNV-1a, of which the lower half are as good as all. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 16);
}
