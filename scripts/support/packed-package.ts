import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './process';

/** An empty project that has installed the packed tarball, as a user would. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  remove(): void;
}

/** Packs `dist/` as it is and installs it into an empty project in a temporary folder. */
export function installPacked(): Consumer {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'breaker-box-')));
  const tarball = pack(join(folder, 'tarball'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  npm(['install', '--prefer-offline', tarball], folder);
  return { folder, tarball, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function pack(destination: string): string {
  mkdirSync(destination);
  // Without `prepack`: whoever asks for it has built already.
  npm(['pack', '--ignore-scripts', '--pack-destination', destination], root);
  return join(destination, readdirSync(destination)[0]!);
}

function npm(args: readonly string[], cwd: string): void {
  run('npm', [...args, '--silent', '--no-audit', '--no-fund'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
