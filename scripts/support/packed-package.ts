import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json';
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

/**
 * A project in the consumer's folder that has all optional peers, too, and types for Node. They are those of this repository; the package
 * is a copy, since what it imports is looked for from where it is.
 */
export function withPeers(consumer: string): string {
  const folder = join(consumer, 'with-peers');
  const modules = join(folder, 'node_modules');
  if (existsSync(folder)) return folder;
  cpSync(join(consumer, 'node_modules', 'breaker-box'), join(modules, 'breaker-box'), { recursive: true });
  for (const name of [...Object.keys(packageJson.peerDependencies), '@types']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer-with-peers", "private": true }\n');
  return folder;
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
