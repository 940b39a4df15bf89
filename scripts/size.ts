/**
 * Prints what an import costs a browser: minified and gzipped, dependencies included. Fails over a limit, which keeps the
 * size from growing unseen: docs/decisions/0006-bundle-size.md.
 */
import { bundleForBrowsers } from './support/browser-bundle';
import { root } from './support/process';

interface ImportSet {
  readonly names: readonly string[];
  readonly limitBytes?: number;
}

const importSets: readonly ImportSet[] = [
  { names: ['Breaker'] },
  { names: ['withBreaker'] },
  { names: ['withBreaker', 'withRetry'], limitBytes: 32 * 1024 },
  { names: ['CircuitBreaker', 'Retry'] },
  { names: ['ErrorRecoveryManager', 'CircuitBreakerStrategy'] },
];

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
  print('everything', await sizeOf('*'));
}

void main();
