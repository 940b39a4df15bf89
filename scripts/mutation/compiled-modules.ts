import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, Script } from 'node:vm';
import ts from 'typescript';

export type ModuleBody = (exports: unknown, require: unknown, module: unknown, filename: string, dirname: string, jest: unknown) => void;

const OPTIONS: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent({ extends: './tsconfig.json', files: [] }, ts.sys, process.cwd()).options,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  ignoreDeprecations: '6.0',
  noEmit: false,
  inlineSourceMap: false,
};

/** Outside of what a run throws away, so that the next run starts with what has not changed. */
const CACHE = join('node_modules', '.cache', 'mutation');

const bodies = new Map<string, ModuleBody>();

/** The code of a TypeScript file as a function; compiled once a process, called once for each time that the module is loaded. */
export function moduleBody(filename: string): ModuleBody {
  const known = bodies.get(filename);
  if (known !== undefined) return known;
  const script = new Script(`(function (exports, require, module, __filename, __dirname, jest) {${transpiled(filename)}\n})`, {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const body = script.runInThisContext() as ModuleBody;
  bodies.set(filename, body);
  return body;
}

function transpiled(filename: string): string {
  const source = readFileSync(filename, 'utf8');
  const cached = join(CACHE, `${createHash('sha1').update(ts.version).update(source).digest('hex')}.js`);
  try {
    return readFileSync(cached, 'utf8');
  } catch {
    const { outputText } = ts.transpileModule(source, { fileName: filename, compilerOptions: OPTIONS });
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(cached, outputText);
    return outputText;
  }
}
