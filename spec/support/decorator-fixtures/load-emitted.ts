import { dirname, join, resolve } from 'node:path';
import type { Toolchain } from './toolchains';

/** What is compiled by the toolchain: everything that holds decorators. The library is the one that Jest loaded. */
const SUITES = [resolve(__dirname, '../../decorators/shared'), __dirname];

/** Loads a TypeScript file and the suites and fixtures it imports, all compiled by `toolchain`. */
export function loadEmitted<Exports>(toolchain: Toolchain, file: string): Exports {
  const loaded = new Map<string, { exports: unknown }>();

  const load = (path: string): unknown => {
    const known = loaded.get(path);
    if (known !== undefined) return known.exports;

    const module = { exports: {} };
    loaded.set(path, module);
    const requireFrom = (request: string): unknown => {
      if (!request.startsWith('.')) return require(request);
      const target = join(dirname(path), request);
      return SUITES.includes(dirname(target)) ? load(`${target}.ts`) : require(target);
    };
    // Not `node:vm`: it would run in another realm, whose `Promise` and `Error` are not those of the specs.
    new Function('module', 'exports', 'require', 'jest', toolchain.emit(path))(module, module.exports, requireFrom, jest);
    return module.exports;
  };

  return load(file) as Exports;
}
