import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { furtherSpecs, mutatedFolder, withAllSpecs } from './settings';

/**
 * What does not run in one process with the rest, or says nothing about `lib` that another spec does not: code emitted by other
 * compilers, type tests, child processes, real servers, a world without reflect-metadata, Jest's own objects, thousands of
 * model runs.
 */
const LEFT_OUT = [
  /\.legacy\.spec\.ts$/,
  /^spec\/(package|types|examples|adapters|cli|model|scripts|fleet\/(redis|cluster))\//,
  /^spec\/(isolation|testing\/(fresh-start|matchers))\.spec\.ts$/,
  /(without-metadata|model|real-time|stalls)\.spec\.ts$/,
];

/** The specs that judge the mutants of the folder, or all that can run in one process. */
export function specFiles(): string[] {
  return readdirSync('spec')
    // The clients that are installed there link back to this repository: a walk would not end.
    .filter((name) => name !== 'clients')
    .flatMap((name) => (name.endsWith('.ts') ? [name] : readdirSync(join('spec', name), { recursive: true, encoding: 'utf8' }).map((file) => join(name, file))))
    .map((name) => join('spec', name))
    .filter((file) => file.endsWith('.spec.ts') && !LEFT_OUT.some((pattern) => pattern.test(file)))
    .filter((file) => withAllSpecs || [mutatedFolder, ...furtherSpecs].some((folder) => file.startsWith(`spec/${folder}/`)))
    .sort();
}
