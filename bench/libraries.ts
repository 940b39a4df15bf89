import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/support/process';

/** The newest version of each that runs on the Node of our own engines. */
export const PEERS = ['cockatiel', 'effect', 'exponential-backoff', 'mollitia', 'opossum', 'p-retry'] as const;

export type Library = 'breaker-box' | (typeof PEERS)[number];

/** The version that is installed, which is that of the lock file. */
export function versionOf(library: Library | 'redis'): string {
  const folder = library === 'breaker-box' ? root : join(root, 'node_modules', library);
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
