import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { root } from './process';

const lib = join(root, 'lib');

/** Used by several entry points of a room, without an entry point of its own. */
const furtherFolders = ['adapters/metrics'];

/** A file that holds modules which other files use, so that every module exists once. */
interface SharedFile {
  /** Its path below the folder of the build, without extension. */
  readonly path: string;
  /** The modules that other files use, as paths below `lib/`. */
  readonly modules: Set<string>;
  /** What it exports: by its name there, the module and the name in it. */
  readonly names: Map<string, { readonly module: string; readonly name: string }>;
  /** How many modules others used when it was written; with more it is written again. */
  written: number;
}

/**
 * The files of a build of CommonJS. An entry point is a thin file: what it imports is in a file that its folder shares,
 * and what is outside of the folders of the entry points is in `core.js`.
 */
export class CommonJsFiles {
  readonly #entries: ReadonlySet<string>;
  readonly #exportsOf: ReadonlyMap<string, readonly string[]>;
  readonly #shared = new Map<string, SharedFile>();

  /**
   * @param entries - The entry points, as paths below `lib/` without extension.
   * @param exportsOf - The names that each module exports.
   */
  constructor(entries: readonly string[], exportsOf: ReadonlyMap<string, readonly string[]>) {
    this.#entries = new Set(entries);
    this.#exportsOf = exportsOf;
    for (const folder of [...entries.map(dirname), ...furtherFolders]) {
      const path = folder === '.' ? 'core' : `${folder}/shared`;
      this.#shared.set(folder, { path, modules: new Set(), names: new Map(), written: 0 });
    }
  }

  /** A shared file of which other files use more than when it was written; undefined when there is none. */
  next(): SharedFile | undefined {
    return [...this.#shared.values()].find(({ modules, written }) => modules.size > written);
  }

  /** esbuild plugin: what a file imports of modules that another file holds, it takes from there. @param path - The file that is made. */
  plugin(path: string): Plugin {
    return {
      name: 'modules of other files',
      setup: (build) => {
        build.onResolve({ filter: /^\.{1,2}(\/|$)/, namespace: 'file' }, async ({ path: specifier, resolveDir, kind, pluginData }) => {
          if (kind === 'entry-point' || pluginData === 'resolved' || !resolveDir.startsWith(lib)) return undefined;
          const resolved = await build.resolve(specifier, { resolveDir, kind, pluginData: 'resolved' });
          const module = relative(lib, resolved.path).replace(/\.ts$/, '');
          if (this.#entries.has(module)) return { path: specifierOf(path, module), external: true };
          return this.#sharedFileOf(module).path === path ? resolved : { path: module, namespace: 'shared', sideEffects: false };
        });
        build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path: module }) => ({ contents: this.#takenFromShared(path, module) }));
        build.onResolve({ filter: /.*/, namespace: 'shared' }, ({ path: specifier }) => ({ path: specifier, external: true }));
      },
    };
  }

  #sharedFileOf(module: string): SharedFile {
    let folder = dirname(module);
    while (!this.#shared.has(folder)) folder = dirname(folder);
    return this.#shared.get(folder)!;
  }

  #takenFromShared(path: string, module: string): string {
    const file = this.#sharedFileOf(module);
    if (!file.modules.has(module)) this.#share(module, file);
    const taken = [...file.names].filter(([, one]) => one.module === module).map(([shared, { name }]) => `${shared} as ${name}`);
    return `export { ${taken.join(', ')} } from '${specifierOf(path, file.path)}';`;
  }

  /** Where two modules export one name, the second one's is followed by its module. */
  #share(module: string, { modules, names }: SharedFile): void {
    modules.add(module);
    for (const name of this.#exportsOf.get(module)!) {
      names.set(names.has(name) ? `${name}$${module.replaceAll(/\W/g, '_')}` : name, { module, name });
    }
  }
}

/** The program that a shared file is made of. Its exports are properties: getters, as a bundler makes them, are slower to load and to use. */
export function programOf({ names }: SharedFile): string {
  const imports = [...names].map(([shared, { module, name }]) => `import { ${name} as ${shared} } from './${module}';`);
  return [...imports, `module.exports = { ${[...names.keys()].join(', ')} };`].join('\n');
}

function specifierOf(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return `${path.startsWith('.') ? path : `./${path}`}.js`;
}
