/**
 * Prints what an import costs a browser, minified and gzipped, dependencies included: with the short messages of production, and
 * with those of development. Fails over a limit of `size-limits.json`, which keeps the size from growing unseen:
 * docs/decisions/0006-bundle-size.md. With `--write` the limits become 2 % more than is measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildFailure } from 'esbuild';
import packageJson from '../package.json';
import { bundleForBrowsers } from './support/browser-bundle';
import { entryPoints } from './support/entry-points';
import { root } from './support/process';

const limitsFile = join(root, 'scripts', 'size-limits.json');
const conditions = ['production', 'development'] as const;

/** Bytes of an import, by condition. */
type Sizes = Partial<Record<(typeof conditions)[number], number>>;

const exporting = (...names: string[]): [label: string, source: string] => [names.join(' + '), `export { ${names.join(', ')} } from 'breaker-box';`];

const listOfFour = `
  import { bulkhead, circuitBreaker, retry, timeout, withPipeline } from 'breaker-box';
  export const protectedBy = (fn) => withPipeline(fn, [retry(), circuitBreaker(), timeout('1s'), bulkhead(10)]);
`;

const programs: readonly (readonly [label: string, source: string])[] = [
  exporting('Breaker'),
  exporting('withBreaker'),
  exporting('withRetry'),
  exporting('withBreaker', 'withRetry'),
  ['withPipeline with a list of four', listOfFour],
  exporting('CircuitBreaker', 'Retry'),
  ...entryPoints().map(({ specifier }) => [`everything of ${specifier}`, `export * from '${specifier}';`] as const),
];

/** Without the optional peers, which the user of a subpath has anyway. A program that imports a module of Node is not for browsers: it has no sizes. */
async function sizesOf(source: string): Promise<Sizes> {
  const sizes: Sizes = {};
  for (const condition of conditions) {
    const size = await bundleForBrowsers(source, root, { conditions: [condition], external: Object.keys(packageJson.peerDependencies) }).catch(onlyInNode);
    if (size !== undefined) sizes[condition] = size.gzippedBytes;
  }
  return sizes;
}

function onlyInNode(failure: BuildFailure): undefined {
  if (!failure.errors.every(({ text }) => /^Could not resolve "node:/.test(text))) throw failure;
}

function line(label: string, sizes: Sizes, limits: Sizes): string {
  if (sizes.production === undefined) return `${'only in Node'.padStart(35)}  ${label}`;
  return `${conditions.map((condition) => `${sizes[condition]} of ${limits[condition] ?? '-'}`.padStart(16)).join('   ')}  ${label}`;
}

function isOver(sizes: Sizes, limits: Sizes): boolean {
  return conditions.some((condition) => (sizes[condition] ?? 0) > (limits[condition] ?? 0));
}

const withRoom = (sizes: Sizes): Sizes => Object.fromEntries(Object.entries(sizes).map(([condition, bytes]) => [condition, Math.ceil(bytes * 1.02)]));

async function main(): Promise<void> {
  const writes = process.argv.includes('--write');
  const limits = JSON.parse(readFileSync(limitsFile, 'utf8')) as Record<string, Sizes>;
  const measured: Record<string, Sizes> = {};
  console.log(`${conditions.map((condition) => condition.padStart(16)).join('   ')}  (bytes, of those allowed)`);
  for (const [label, source] of programs) {
    const sizes = (measured[label] = await sizesOf(source));
    const over = !writes && isOver(sizes, limits[label] ?? {});
    console.log(line(label, sizes, limits[label] ?? {}), over ? '  OVER ITS LIMIT' : '');
    if (over) process.exitCode = 1;
  }
  if (!writes) return;
  const entries = Object.entries(measured).filter(([, { production }]) => production !== undefined);
  writeFileSync(limitsFile, `${JSON.stringify(Object.fromEntries(entries.map(([label, sizes]) => [label, withRoom(sizes)])), undefined, 2)}\n`);
}

void main();
