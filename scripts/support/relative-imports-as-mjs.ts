import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * esbuild plugin: leaves relative imports in place and completes them (`./core` becomes `./core/index.mjs`), because
 * bundlers and browsers resolve an `.mjs` file's imports only when they name a file.
 */
export const relativeImportsAsMjs: Plugin = {
  name: 'relative-imports-as-mjs',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}(\/|$)/ }, ({ path, resolveDir, kind }) =>
      kind === 'entry-point' ? undefined : { path: completed(path, resolveDir), external: true },
    );
  },
};

function completed(path: string, from: string): string {
  if (existsSync(join(from, `${path}.ts`))) return `${path}.mjs`;
  if (existsSync(join(from, path, 'index.ts'))) return `${path.replace(/\/$/, '')}/index.mjs`;
  throw new Error(`cannot resolve '${path}' from ${from}`);
}
