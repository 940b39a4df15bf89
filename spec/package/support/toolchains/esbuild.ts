import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import type { Standard, Toolchain } from './toolchain';

export function esbuild(standard: Standard, target: string, keepNames: boolean): Toolchain {
  return {
    name: `esbuild, ${target}${keepNames ? ', keepNames' : ''}`,
    standard,
    nativeStreams: target !== 'es2017',
    keepsNames: keepNames,
    emitsMetadata: false,
    emit: (file) =>
      transformSync(readFileSync(file, 'utf8'), {
        sourcefile: file,
        loader: 'ts',
        format: 'cjs',
        target,
        keepNames,
        tsconfigRaw: { compilerOptions: { experimentalDecorators: standard === 'legacy' } },
      }).code,
  };
}

export const esbuildTargets = (standard: Standard): Toolchain[] => [
  esbuild(standard, 'es2022', true),
  esbuild(standard, 'es2022', false),
  esbuild(standard, 'es2017', true),
];
