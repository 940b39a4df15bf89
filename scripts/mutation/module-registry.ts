import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { moduleBody } from './compiled-modules';

interface LoadedModule {
  exports: unknown;
}

const resolved = new Map<string, string>();

/**
 * Every module of this repository once, as Jest gives them to a spec file: what a module remembers ends with the file.
 * Packages come from Node, and are shared.
 */
export class ModuleRegistry {
  private readonly modules = new Map<string, LoadedModule>();

  constructor(private readonly jestOf: (registry: ModuleRegistry) => unknown) {}

  load(filename: string): unknown {
    const known = this.modules.get(filename);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = { exports: {} };
    this.modules.set(filename, module);
    moduleBody(filename)(module.exports, this.requireFrom(filename), module, filename, dirname(filename), this.jestOf(this));
    return module.exports;
  }

  /** What `jest.isolateModules` does: inside, every module is loaded anew. */
  isolated(action: () => void): void {
    const outer = new Map(this.modules);
    this.modules.clear();
    try {
      action();
    } finally {
      this.modules.clear();
      outer.forEach((module, filename) => this.modules.set(filename, module));
    }
  }

  private requireFrom(filename: string): NodeJS.Require {
    const native = createRequire(filename);
    const load = (request: string): unknown => {
      const own = request.startsWith('.') ? ownModule(dirname(filename), request) : undefined;
      return own === undefined ? native(request) : this.load(own);
    };
    return Object.assign(load, native) as NodeJS.Require;
  }
}

function ownModule(from: string, request: string): string | undefined {
  const target = resolve(from, request);
  const known = resolved.get(target);
  if (known !== undefined) return known;
  const found = [`${target}.ts`, `${target}/index.ts`].find((path) => existsSync(path));
  if (found !== undefined) resolved.set(target, found);
  return found;
}
