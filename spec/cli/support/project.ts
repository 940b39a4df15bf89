import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A project that has installed one client. */
export async function inProjectWith(name: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breaker-box-project-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    mkdirSync(join(folder, 'node_modules'));
    // An older version goes by another name here.
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(folder, 'node_modules', name.replace('-4', '')));
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
