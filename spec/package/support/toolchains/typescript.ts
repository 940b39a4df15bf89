import { readFileSync } from 'node:fs';
import * as typescript5 from 'typescript-5';
import * as typescript6 from 'typescript';
import type { Standard, Toolchain } from './toolchain';

/** What TypeScript 5 and 6 have in common here. */
interface Compiler {
  readonly versionMajorMinor: string;
  readonly ModuleKind: { readonly CommonJS: unknown };
  readonly ScriptTarget: Readonly<Record<Target, number>>;
  transpileModule(source: string, options: { fileName: string; compilerOptions: any }): { outputText: string };
}

type Target = 'ES5' | 'ES2015' | 'ES2017' | 'ES2018' | 'ES2022' | 'ESNext';

export function typescript(compiler: Compiler, standard: Standard, target: Target, options: Record<string, unknown> = {}): Toolchain {
  const legacy = standard === 'legacy';
  const variant = Object.keys(options).map((name) => `, ${name} ${String(options[name])}`);
  return {
    name: `TypeScript ${compiler.versionMajorMinor}, ${target}${variant.join('')}`,
    standard,
    nativeStreams: compiler.ScriptTarget[target] >= compiler.ScriptTarget.ES2018,
    keepsNames: true,
    emitsMetadata: legacy,
    emit: (file) =>
      compiler.transpileModule(readFileSync(file, 'utf8'), {
        fileName: file,
        compilerOptions: {
          target: compiler.ScriptTarget[target],
          module: compiler.ModuleKind.CommonJS,
          downlevelIteration: true,
          esModuleInterop: true,
          experimentalDecorators: legacy,
          emitDecoratorMetadata: legacy,
          ...options,
        },
      }).outputText,
  };
}

export const typescript5And6 = (standard: Standard): Toolchain[] => [
  typescript(typescript5, standard, 'ES2022'),
  typescript(typescript5, standard, 'ES2017'),
  typescript(typescript6, standard, 'ES2022'),
  typescript(typescript6, standard, 'ES2022', { useDefineForClassFields: false }),
  typescript(typescript6, standard, 'ES2018'),
  typescript(typescript6, standard, 'ES2017'),
  typescript(typescript6, standard, 'ES2015'),
  typescript(typescript6, standard, 'ES5'),
];
