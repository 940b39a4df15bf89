import { cpus } from 'node:os';
import type { Comparison } from './comparison';
import { BARE, OURS } from './contenders/names';
import { grouped, unitOf } from './figures';
import { PEERS, versionOf } from './libraries';
import type { Results } from './results';
import { median, ratio } from './statistics';
import { table } from './table';
import { NOISE_MARGIN, type Verdict } from './targets';
import type { Timed, Timings } from './timing';
import { verdictTable } from './verdict-table';

/** The whole report in Markdown, which reads well in a terminal too. */
export function report({ rounds, timings, comparisons, verdicts, ahead, notes }: Results): string {
  return [
    '# Benchmark',
    'Written by `npm run bench -- --write`.',
    surroundings(rounds),
    '![Time of a call, library by library](chart.svg)',
    '## Side by side',
    table(['Work', 'By', 'Cost', '× bare call', '× breaker-box', 'middle half'], [...timeRows(timings), ...comparisonRows(comparisons)]),
    behind(ahead),
    '## Targets',
    verdictTable(verdicts),
    'Every work, against the nearest peer that does all of it:',
    verdictTable(ahead),
    `\`npm run bench -- --check\` fails when a ratio of times is above its target by more than ${NOISE_MARGIN * 100} %, or any other figure is above its own.`,
    notes.join('\n'),
    '## How it is measured',
    method,
  ].join('\n\n');
}

const method = `All contenders run in one process, and those of one work take turns: in each round, each runs a batch of calls of some 12 ms, in an
order drawn anew for the round. Before a batch the young garbage of the contender before is collected, and a quarter of a batch is run without
the watch, so that a contender pays as little as possible for another: old garbage is left to the engine. A ratio is taken round by round, between neighbours in time; its median over all rounds is given, and
beside it the range that holds the middle half of them. Times are processor times of the process, so that what else the machine
does counts as little as possible. Nanoseconds are medians too, and hold for one machine: compare ratios. They differ from machine to machine as
well, though less: the hand-written breaker, which does next to nothing, takes between 0.3 and 0.5 of cockatiel's time on those we have had.

Every contender protects four different functions of its own, each by a policy of its own, and they are called in turn,
through one loop that all contenders share, as in a program that protects more than one function. So no contender gains from a compiler
that inlines the one function of a benchmark through the whole policy; all contenders are warmed up before the first
round, and each has to show that it does what it is measured for ([proofs.ts](proofs.ts)): retry, open, time out, bound. A call takes one
argument, and works at its first attempt where nothing else is said.

All are given the same settings ([settings.ts](settings.ts)), and used as their documentation says ([peers](peers)):

- cockatiel, p-retry, exponential-backoff and effect run a function without arguments, so a closure is part of their call.
- opossum has no retry: p-retry around it is the usual pair. It has no timeout apart from its breaker, and runs with
  \`timeout: false\` where none is measured, with \`volumeThreshold: 5\`, without which its first failure opens it, otherwise with its defaults. Its statistics are rotated between batches and not counted. In the row of
  failing calls it runs without percentiles: with them it sorts the latencies of the last ten seconds at every failure, and one
  figure would say nothing.
- mollitia has no breaker that counts consecutive failures: its default, a window of ten outcomes, stands for it. Its time window keeps at
  most a thousand outcomes.
- effect runs by \`Effect.runPromise\`, in a program that is not written in effects. It has no breaker; its bulkhead is a semaphore, at which callers wait.

\`hand-written breaker\` is the fastest breaker we know how to write by hand for any function ([hand-written.ts](hand-written.ts)): consecutive count,
open, half open, \`.then\` with reactions made once.

Heap is that of 5,000 idle instances, after collecting garbage. Import is the processor time of a process that imports what the work needs, less that
of one that imports nothing; medians of 15 processes each, in turns. Bundles are made by esbuild for a browser from the same imports
([feature-sets.ts](feature-sets.ts)), minified, gzipped, dependencies included; opossum's without the \`events\` package that it needs there.`;

function surroundings(rounds: number): string {
  const versions = PEERS.map((name) => `${name} ${versionOf(name)}`).join(', ');
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, breaker-box ${versionOf('breaker-box')}, node ${process.versions.node}, ${versions}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${rounds} rounds.`;
}

function behind(ahead: readonly Verdict[]): string {
  const works = ahead.filter(({ met }) => !met).map(({ target, limit, measured }) => `- ${target}: ${measured}, not ${limit}`);
  return works.length === 0 ? 'No peer is ahead in any of this.' : ['A peer is ahead here:', '', ...works].join('\n');
}

function timeRows(timings: Timings): string[][] {
  return [...timings].flatMap(([title, contenders]) => {
    const bare = contenders.get(BARE)!;
    const ours = contenders.get(OURS)!;
    return [...contenders.values()].map((timed) => [title, labelOf(timed.name, timed.lacks?.part), ...timeCells(timed, bare, ours)]);
  });
}

function timeCells({ samples }: Timed, bare: Timed, ours: Timed): string[] {
  const { median: middle, low, high } = ratio(samples, ours.samples);
  return [
    `${grouped(median(samples))} ns`,
    ratio(samples, bare.samples).median.toFixed(2),
    middle.toFixed(2),
    `${low.toFixed(2)}-${high.toFixed(2)}`,
  ];
}

function comparisonRows(comparisons: readonly Comparison[]): string[][] {
  return comparisons.flatMap(({ title, unit, figures }) => {
    const ours = figures.find(({ library }) => library === OURS)!;
    return figures.map(({ library, lacks, value }) => [
      title,
      labelOf(library, lacks),
      unitOf(value, unit),
      '',
      (value / ours.value).toFixed(2),
      '',
    ]);
  });
}

function labelOf(name: string, lacks: string | undefined): string {
  return lacks === undefined ? name : `${name}, without ${lacks}`;
}
