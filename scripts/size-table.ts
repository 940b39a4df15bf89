/**
 * Writes the table of bundle sizes in the README, between `<!-- sizes -->` and `<!-- end of sizes -->`. The figures are the limits of
 * `size-limits.json`, which `npm run size` holds against what it measures: so each is “at most”. With `--check` it writes nothing and fails
 * when the table is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import limits from './size-limits.json';
import { root } from './support/process';

type Label = keyof typeof limits;

/** In words, and by the label of `size.ts`. */
const rows: readonly (readonly [what: string, label: Label])[] = [
  ['`withBreaker`', 'withBreaker'],
  ['`withRetry`', 'withRetry'],
  ['`withBreaker` and `withRetry`', 'withBreaker + withRetry'],
  ['`withPipeline` with retry, breaker, timeout and bulkhead', 'withPipeline with a list of four'],
  ['the whole main entry, with every policy and decorator', 'everything of breaker-box'],
];

const marked = /(<!-- sizes -->\n)[\s\S]*?(<!-- end of sizes -->)/;

const kilobytes = (bytes: number): string => `${(Math.ceil(bytes / 100) / 10).toFixed(1)} KB`;

function table(): string {
  const lines = rows.map(([what, label]) => `| ${what} | ${kilobytes(limits[label].production)} |`);
  return ['', '| a program that uses | weighs at most |', '|---|---|', ...lines, '', ''].join('\n');
}

function main(): void {
  const file = join(root, 'README.md');
  const text = readFileSync(file, 'utf8');
  if (!marked.test(text)) throw new Error('README.md has no table of sizes');
  const written = text.replace(marked, (_all, begin: string, end: string) => `${begin}${table()}${end}`);
  if (written === text) return;
  if (!process.argv.includes('--check')) writeFileSync(file, written);
  else {
    console.error('README.md: its table of sizes is out of date: npm run docs');
    process.exitCode = 1;
  }
}

main();
