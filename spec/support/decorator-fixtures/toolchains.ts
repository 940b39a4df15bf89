import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import * as ts from 'typescript';

type Standard = 'legacy' | 'TC39';

/** A compiler with its settings. */
export interface Toolchain {
  readonly name: string;
  readonly standard: Standard;
  /** Whether async generators stay what they are, or become functions that nothing tells from others. */
  readonly nativeStreams: boolean;
  /** Whether a class that mentions itself in a static initializer keeps its name. */
  readonly keepsNames: boolean;
  /** The CommonJS text of a TypeScript file. */
  emit(file: string): string;
}

function typescript6(standard: Standard, target: keyof typeof ts.ScriptTarget, options: ts.CompilerOptions = {}): Toolchain {
  const legacy = standard === 'legacy';
  const variant = Object.keys(options).map((name) => `, ${name} ${String(options[name])}`);
  return {
    name: `TypeScript 6, ${target}${variant.join('')}`,
    standard,
    nativeStreams: ts.ScriptTarget[target] >= ts.ScriptTarget.ES2018,
    keepsNames: true,
    emit: (file) =>
      ts.transpileModule(readFileSync(file, 'utf8'), {
        fileName: file,
        compilerOptions: {
          target: ts.ScriptTarget[target],
          module: ts.ModuleKind.CommonJS,
          downlevelIteration: true,
          esModuleInterop: true,
          experimentalDecorators: legacy,
          emitDecoratorMetadata: legacy,
          ...options,
        },
      }).outputText,
  };
}

/** It has no API to call, and starting it costs more than compiling with it: one run emits a whole folder. */
function typescript7(standard: Standard, target: 'ES2017' | 'ES2022'): Toolchain {
  const legacy = String(standard === 'legacy');
  const compiler = join(require.resolve('@typescript/native/package.json'), '../bin/tsc');
  const emitted = new Map<string, string>();

  const emitFolder = (folder: string) => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const outDir = mkdtempSync(join(tmpdir(), 'emitted-'));
    try {
      execFileSync(process.execPath, [
        compiler, ...files.map((name) => join(folder, name)),
        '--ignoreConfig', '--noCheck', '--noResolve', '--types', 'node', '--rootDir', folder, '--outDir', outDir,
        '--target', target, '--module', 'commonjs',
        '--experimentalDecorators', legacy, '--emitDecoratorMetadata', legacy,
      ]);
      for (const name of files) {
        emitted.set(join(folder, name), readFileSync(join(outDir, name.replace(/ts$/, 'js')), 'utf8'));
      }
    } finally {
      rmSync(outDir, { recursive: true });
    }
  };

  return {
    name: `TypeScript 7, ${target}`,
    standard,
    nativeStreams: target === 'ES2022',
    keepsNames: true,
    emit: (file) => {
      if (!emitted.has(file)) emitFolder(dirname(file));
      return emitted.get(file)!;
    },
  };
}

function esbuild(standard: Standard, target: string, keepNames: boolean): Toolchain {
  return {
    name: `esbuild, ${target}${keepNames ? ', keepNames as tsx sets it' : ''}`,
    standard,
    nativeStreams: target !== 'es2017',
    keepsNames: keepNames,
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

export const toolchains: readonly Toolchain[] = (['legacy', 'TC39'] as const).flatMap((standard) => [
  typescript6(standard, 'ES2022'),
  typescript6(standard, 'ES2022', { useDefineForClassFields: false }),
  typescript6(standard, 'ES2018'),
  typescript6(standard, 'ES2017'),
  typescript6(standard, 'ES2015'),
  typescript6(standard, 'ES5'),
  typescript7(standard, 'ES2022'),
  typescript7(standard, 'ES2017'),
  esbuild(standard, 'es2022', true),
  esbuild(standard, 'es2022', false),
  esbuild(standard, 'es2017', true),
]);
