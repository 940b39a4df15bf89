import { capture, root } from '../scripts/support/process';
import type { Comparison } from './comparison';
import type { Program } from './feature-sets';
import { median } from './statistics';
import { shuffled } from './shuffled';

const RUNS = 15;
const EMPTY = 'export {};';

/**
 * What the imports of each program cost a process that starts: the processor time of a fresh process that imports and
 * ends, less that of one that imports nothing. Medians; the processes of all programs take turns.
 */
export function coldStarts(title: string, programs: readonly Program[]): Comparison {
  const sources = [EMPTY, ...programs.map(({ source }) => source)];
  const samples = new Map(sources.map((source): [string, number[]] => [source, []]));
  for (const source of sources) processMs(source); // what the file system has to read the first time
  for (let run = 0; run < RUNS; run++) {
    for (const source of shuffled(sources)) samples.get(source)!.push(processMs(source));
  }
  const emptyMs = median(samples.get(EMPTY)!);
  const figures = programs.map(({ library, lacks, source }) => ({ library, lacks, value: median(samples.get(source)!) - emptyMs }));
  return { title, unit: 'ms', figures };
}

const REPORT = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log((user + system) / 1000); });`;

function processMs(source: string): number {
  return Number(capture(process.execPath, ['--input-type=module', '--eval', `${REPORT}\n${source}`], { cwd: root }));
}
