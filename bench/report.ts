import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { median, ratio } from './statistics';
import { NOISE_MARGIN, type Verdict } from './targets';
import type { Timings } from './timing';

export interface Results {
  readonly rounds: number;
  readonly timings: Timings;
  readonly verdicts: readonly Verdict[];
  /** Figures that have no target. */
  readonly notes: readonly string[];
}

/** The whole report in Markdown, which reads well in a terminal too. */
export function report({ rounds, timings, verdicts, notes }: Results): string {
  return [
    '# Benchmark',
    'Written by `npm run bench -- --write`.',
    surroundings(rounds),
    '## Targets',
    table(
      ['Target', 'At most', 'Measured', 'Met'],
      verdicts.map(({ target, limit, measured, met }) => [target, limit, measured, met ? 'yes' : 'no']),
    ),
    `\`npm run bench -- --check\` fails when a ratio is above its target by more than ${NOISE_MARGIN * 100} %, or any other figure is above its own.`,
    notes.join('\n'),
    '## How it is measured',
    method,
    '## Contenders',
    ...[...timings].flatMap(([title, samples]) => [`### ${title}`, contenderTable(samples)]),
  ].join('\n\n');
}

const method = `All contenders run in one process and take turns: in each round, each runs a batch of calls of some 12 ms, in an order
drawn anew for the round. A ratio is taken round by round, between neighbours in time; its median over all rounds is given, and
in brackets the range that holds the middle half of them. Times are processor times of the process, so that what else the machine
does counts as little as possible. Nanoseconds are medians too, and hold for one machine: compare ratios.

Every contender protects four different functions of its own, each by a policy of its own, and they are called in turn,
through one loop that all contenders share, as in a program that protects more than one function. So no contender gains from a compiler
that inlines the one function of a benchmark through the whole policy; all contenders are warmed up before the first
round. A call takes one argument. Cockatiel's policies take a function without arguments, so a closure is part of its call, as it is in
use. Opossum runs with \`timeout: false\`, otherwise with its defaults; its periodic statistics are computed between batches and
not counted.

\`hand-written\` is the fastest breaker we know how to write by hand for any function ([hand-written.ts](hand-written.ts)): consecutive count,
open, half open, \`.then\` with reactions made once. It is the reference of the ratios below.`;

function surroundings(rounds: number): string {
  const versions = ['cockatiel', 'opossum'].map((name) => `${name} ${versionOf(name)}`).join(', ');
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, node ${process.versions.node}, ${versions}, ${cpus().length} cores, ${rounds} rounds.`;
}

function versionOf(name: string): string {
  // Not by its entry in the exports, which need not be there: by the folder that the package's main file is in.
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    try {
      const { name: found, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
      if (found === name && version !== undefined) return version;
    } catch {
      if (folder === dirname(folder)) throw new Error(`${name} has no package.json`);
    }
  }
}

function contenderTable(samples: ReadonlyMap<string, readonly number[]>): string {
  const reference = samples.get('hand-written');
  if (reference === undefined) throw new Error('Every group has a hand-written contender');
  return table(
    ['Contender', 'ns a call', '× hand-written', 'middle half'],
    [...samples].map(([name, values]) => {
      const { median: middle, low, high } = ratio(values, reference);
      return [name, median(values).toFixed(0), middle.toFixed(2), `${low.toFixed(2)}-${high.toFixed(2)}`];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}
