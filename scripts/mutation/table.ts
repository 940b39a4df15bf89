import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As much of a report as is counted; see https://github.com/stryker-mutator/mutation-testing-elements. */
interface Report {
  readonly files: Record<string, { readonly mutants: readonly { readonly status: string }[] }>;
}

const DIRECTORY = 'reports/mutation';

/** The last report of each folder as a row of the table in the decision on mutation scores. */
function rowOf(file: string): string {
  const { files } = JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as Report;
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (status: string): number => statuses.filter((one) => one === status).length;
  const [killed, timedOut, survived, uncovered] = ['Killed', 'Timeout', 'Survived', 'NoCoverage'].map(count) as [number, number, number, number];
  const all = killed + timedOut + survived + uncovered;
  const score = ((100 * (killed + timedOut)) / all).toFixed(1);
  return `| ${file.replace('.json', '')} | ${[all, killed, timedOut, survived, uncovered, `${score} %`].join(' | ')} |`;
}

const reports = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json') && !name.includes('.incremental.'));
console.log(['| folder | mutants | killed | timed out | survived | not covered | score |', '|---|---|---|---|---|---|---|', ...reports.map(rowOf)].join('\n'));
