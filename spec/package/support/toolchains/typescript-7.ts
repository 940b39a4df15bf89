import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Standard, Toolchain } from './toolchain';

type Target = 'ES2017' | 'ES2022' | 'ESNext';

/** It has no API to call, and starting it costs more than compiling with it: one run emits a whole folder. */
export function typescript7(standard: Standard, target: Target): Toolchain {
  const emitted = new Map<string, string>();
  return {
    name: `TypeScript 7, ${target}`,
    standard,
    nativeStreams: target !== 'ES2017',
    keepsNames: true,
    emitsMetadata: standard === 'legacy',
    emit: (file) => {
      if (!emitted.has(file)) emitFolder(dirname(file), standard, target).forEach((code, path) => emitted.set(path, code));
      return emitted.get(file)!;
    },
  };
}

function emitFolder(folder: string, standard: Standard, target: Target): Map<string, string> {
  const compiler = join(require.resolve('@typescript/native/package.json'), '../bin/tsc');
  const legacy = String(standard === 'legacy');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const outDir = mkdtempSync(join(tmpdir(), 'emitted-'));
  try {
    execFileSync(process.execPath, [
      compiler, ...files.map((name) => join(folder, name)),
      '--ignoreConfig', '--noCheck', '--noResolve', '--types', 'node', '--rootDir', folder, '--outDir', outDir,
      '--target', target, '--module', 'commonjs',
      '--experimentalDecorators', legacy, '--emitDecoratorMetadata', legacy,
    ]);
    return new Map(files.map((name) => [join(folder, name), readFileSync(join(outDir, name.replace(/ts$/, 'js')), 'utf8')]));
  } finally {
    rmSync(outDir, { recursive: true });
  }
}

export const typescript7Targets = (standard: Standard): Toolchain[] => [typescript7(standard, 'ES2022'), typescript7(standard, 'ES2017')];
