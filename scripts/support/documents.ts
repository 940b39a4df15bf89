import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process';

/** The Markdown of the repository, but for the report of the API. */
export function documentPaths(): string[] {
  return [...inFolder('.', false), ...['docs', 'examples', 'bench'].flatMap((folder) => inFolder(folder, true))]
    .filter((path) => path.endsWith('.md') && !path.endsWith('.api.md'))
    .sort();
}

function inFolder(folder: string, recursive: boolean): string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path, { recursive, encoding: 'utf8' }).map((file) => join(path, file)) : [];
}
