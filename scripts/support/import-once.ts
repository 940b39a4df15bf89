import type { Plugin } from 'esbuild';

/**
 * Lets the modules of a CommonJS bundle share one import of a package. esbuild copies the names of what it requires, all three
 * hundred of valibot's, for each module that imports them, which was a third of the time that the bundle took to load.
 */
export function importOnce(name: string): Plugin {
  return {
    name: `import ${name} once`,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ namespace }) =>
        namespace === name ? { path: name, external: true } : { path: name, namespace: name },
      );
      onLoad({ filter: /.*/, namespace: name }, () => ({ contents: `export * from '${name}';` }));
    },
  };
}
