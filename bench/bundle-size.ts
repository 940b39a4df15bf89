import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import { root } from '../scripts/support/process';
import type { Comparison } from './comparison';
import type { Program } from './feature-sets';

/** What the imports of each program cost a browser: bundled, minified, gzipped, dependencies included. */
export async function bundleSizes(title: string, programs: readonly Program[]): Promise<Comparison> {
  const figures = programs.map(async ({ library, lacks, source }) => ({ library, lacks, value: await gzippedBytes(source) }));
  return { title, unit: 'bytes', figures: await Promise.all(figures) };
}

async function gzippedBytes(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    legalComments: 'none',
    external: ['events'], // opossum's, to which a bundler adds a package; not counted
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).byteLength;
}
