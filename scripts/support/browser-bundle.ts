import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

export interface BrowserBundle {
  readonly code: string;
  readonly gzippedBytes: number;
  /** The source files that ended up in the bundle. */
  readonly inputs: readonly string[];
  /** What the bundle still imports when it runs; a bundle for browsers imports nothing. */
  readonly imports: readonly string[];
}

export interface BundleOptions {
  /** The program's exports are put there; without it they stay ES module exports. */
  readonly globalName?: string;
  /** Packages that the bundle goes on importing. */
  readonly external?: readonly string[];
  /** Beside `browser`: `development`. */
  readonly conditions?: readonly string[];
}

/**
 * Bundles a small program for browsers, minified, dependencies included. An import of a `node:` module makes the build
 * fail, since none exists there.
 *
 * @param folder - Where the program's imports are resolved.
 */
export async function bundleForBrowsers(source: string, folder: string, { globalName, external = [], conditions = [] }: BundleOptions = {}): Promise<BrowserBundle> {
  const result = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: globalName === undefined ? 'esm' : 'iife',
    globalName,
    external: [...external],
    conditions: [...conditions],
    target: 'es2022',
    logLevel: 'silent',
    legalComments: 'none',
  });
  const output = result.outputFiles[0]!;
  return {
    code: output.text,
    gzippedBytes: gzipSync(output.contents, { level: 9 }).byteLength,
    inputs: keptInputs(result.metafile),
    imports: Object.values(result.metafile.outputs).flatMap((file) => file.imports.map(({ path }) => path)),
  };
}

function keptInputs(metafile: Metafile): string[] {
  return Object.values(metafile.outputs)
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([path, { bytesInOutput }]) => path !== '<stdin>' && bytesInOutput > 0)
    .map(([path]) => path);
}
