import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../../../scripts/support/process';
import { consumer } from '../consumer';
import { fixturesFolder, suitesFolder, suitesFor } from './suites';
import type { Standard } from './toolchain';

/** A user's project that has installed the package, and whose only file, `suites.test.ts`, runs every suite of decorators. */
export interface SuiteProject {
  readonly folder: string;
}

interface ProjectSettings {
  readonly standard: Standard;
  readonly type: 'commonjs' | 'module';
  /** Whether the tool is expected to tell the types of parameters. */
  readonly emitsMetadata: boolean;
}

/** What the suites need besides the package: they are fixtures of this repository, and so are their tools. */
const linked = ['reflect-metadata', 'expect', 'jest-each', 'jest-mock', 'esbuild'];

export function createSuiteProject(settings: ProjectSettings): SuiteProject {
  const { standard, type } = settings;
  const folder = mkdtempSync(join(consumer, 'suites-'));
  copyForUsers(suitesFolder, join(folder, 'protect/decorators/shared'));
  copyForUsers(fixturesFolder, join(folder, 'support/decorator-fixtures'));
  mkdirSync(join(folder, 'node_modules'));
  linked.forEach((name) => symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name)));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'suites', private: true, type }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: compilerOptions(standard, type) }));
  writeFileSync(join(folder, 'suites.test.ts'), everySuite(settings));
  writeFileSync(join(folder, 'globals.mjs'), globals());
  return { folder };
}

/** Copies TypeScript files that import the library from its sources; the copies import the package. */
function copyForUsers(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const file of readdirSync(to)) {
    const path = join(to, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/'(\.\.\/)+lib'/g, `'breaker-box'`));
  }
}

function compilerOptions(standard: Standard, type: 'commonjs' | 'module'): object {
  const legacy = standard === 'legacy';
  const modules = type === 'module' ? { module: 'esnext', moduleResolution: 'bundler' } : { module: 'commonjs', moduleResolution: 'node10' };
  return { target: 'es2022', ...modules, ignoreDeprecations: '6.0', esModuleInterop: true, experimentalDecorators: legacy, emitDecoratorMetadata: legacy };
}

function everySuite({ standard, emitsMetadata }: ProjectSettings): string {
  const suites = suitesFor({ standard, nativeStreams: true });
  return [
    ...suites.map((suite, index) => `import * as suite${index} from './protect/decorators/shared/${suite}';`),
    ...suites.map((suite, index) => `describe('${suite}', () => Object.values(suite${index}).forEach((describeBehaviour) => describeBehaviour()));`),
    `import 'reflect-metadata';`,
    `import { VideoService } from './support/decorator-fixtures/typed-parameters';`,
    `it('types of parameters', () => {`,
    `  const types = Reflect.getMetadata('design:paramtypes', VideoService.prototype, 'download');`,
    `  expect(types).toEqual(${emitsMetadata ? '[URL, String]' : 'undefined'});`,
    `});`,
  ].join('\n');
}

const globals = (): string => transformSync(readFileSync(join(__dirname, 'node-test-globals.ts'), 'utf8'), { loader: 'ts' }).code;
