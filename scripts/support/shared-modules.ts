import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { root } from './process';

const lib = join(root, 'lib');

/** A file of `dist/cjs/` that holds the modules which several entry points use, so that there is one copy of each. */
export interface SharedBundle {
  /** Its path below `dist/cjs/`, without extension. */
  readonly path: string;
  /** The modules that entry points ask it for, as paths below `lib/` without extension. */
  readonly modules: Set<string>;
}

/** Parts of `lib/` that only their own entry points use. */
const besideTheCore = /^(testing|adapters|simulate|dashboard|cli)\//;

/** The program that a shared bundle is made of: the exports of each module under a name of its own. */
export function programOf({ modules }: SharedBundle): string {
  return [...modules].sort().map((path) => `export * as ${nameOf(path)} from './${path}';`).join('\n');
}

const nameOf = (path: string): string => path.replaceAll('/', '$').replaceAll('-', '_');

/** Where the modules of a build are kept. */
export class SharedModules {
  readonly core: SharedBundle = { path: 'shared', modules: new Set() };
  readonly testing: SharedBundle = { path: 'testing/shared', modules: new Set() };
  readonly sharing: SharedBundle = { path: 'sharing/shared', modules: new Set() };
  readonly #entries: ReadonlySet<string>;

  /** @param entries - The entry points, as paths below `lib/` without extension. */
  constructor(entries: Iterable<string>) {
    this.#entries = new Set(entries);
  }

  /** The bundle that holds a module; undefined for what is part of the entry point that imports it. */
  bundleOf(path: string): SharedBundle | undefined {
    if (this.#entries.has(path)) return undefined;
    if (path.startsWith('testing/')) return this.testing;
    if (path.startsWith('sharing/')) return this.sharing;
    return besideTheCore.test(path) ? undefined : this.core;
  }
}

/**
 * esbuild plugin: lets a file of `dist/cjs/` take from shared bundles what they hold, where a bundler would copy it.
 *
 * @param output - The file that is made, as a path below `dist/cjs/`.
 */
export function takingFromShared(shared: SharedModules, output: string): Plugin {
  return {
    name: 'taking from shared bundles',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}(\/|$)/, namespace: 'file' }, async ({ path, resolveDir, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'resolved') return undefined;
        const resolved = await build.resolve(path, { resolveDir, kind, pluginData: 'resolved' });
        const module = relative(lib, resolved.path).replace(/\.ts$/, '');
        const bundle = shared.bundleOf(module);
        if (bundle === undefined || bundle.path === output) return resolved;
        bundle.modules.add(module);
        return { path: module, namespace: 'shared' };
      });
      build.onResolve({ filter: /./, namespace: 'shared' }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => {
        const bundle = shared.bundleOf(path)!;
        const from = relative(dirname(output), bundle.path);
        const specifier = from.startsWith('.') ? from : `./${from}`;
        return { contents: `module.exports = require('${specifier}.js').${nameOf(path)};` };
      });
    },
  };
}
