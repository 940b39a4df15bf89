/**
 * Prints what an import costs a browser: minified and gzipped, dependencies included. Fails over a limit, which keeps the
 * size from growing unseen: docs/decisions/0006-bundle-size.md.
 */
import type { BuildFailure } from 'esbuild';
import packageJson from '../package.json';
import { bundleForBrowsers } from './support/browser-bundle';
import { entryPoints } from './support/entry-points';
import { root } from './support/process';

interface ImportSet {
  readonly names: readonly string[];
  readonly limitBytes?: number;
}

const importSets: readonly ImportSet[] = [
  { names: ['Breaker'] },
  { names: ['withBreaker'], limitBytes: 31.5 * 1024 },
  { names: ['withBreaker', 'withRetry'], limitBytes: 41.5 * 1024 },
  { names: ['CircuitBreaker', 'Retry'] },
];

const peers = Object.keys(packageJson.peerDependencies);

async function sizeOf(exported: string): Promise<number> {
  return (await bundleForBrowsers(`export ${exported} from 'breaker-box';`, root)).gzippedBytes;
}

function print(label: string, bytes: number, limitBytes?: number): void {
  const limit = limitBytes === undefined ? '' : `   limit ${limitBytes}`;
  console.log(`${String(bytes).padStart(7)} bytes  ${label}${limit}`);
}

async function main(): Promise<void> {
  for (const { names, limitBytes } of importSets) {
    const bytes = await sizeOf(`{ ${names.join(', ')} }`);
    print(names.join(' + '), bytes, limitBytes);
    if (limitBytes !== undefined && bytes > limitBytes) process.exitCode = 1;
  }
  for (const { specifier } of entryPoints()) await printSubpath(specifier);
}

/** The whole of an entry point, without the optional peers that its user has anyway. What imports a module of Node is not for browsers. */
async function printSubpath(specifier: string): Promise<void> {
  const bundling = bundleForBrowsers(`export * from '${specifier}';`, root, undefined, peers);
  const size = await bundling.then(({ gzippedBytes }) => gzippedBytes, onlyInNode);
  if (size === 'only in Node') console.log(`${size.padStart(13)}  everything of ${specifier}`);
  else print(`everything of ${specifier}`, size);
}

function onlyInNode(failure: BuildFailure): 'only in Node' {
  if (failure.errors.every(({ text }) => /^Could not resolve "node:/.test(text))) return 'only in Node';
  throw failure;
}

void main();
