import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { furtherSpecs, mutatedFolder, withAllSpecs } from './settings';

/**
 * What does not run in one process with the rest, or says nothing about `lib` that another spec does not: code emitted by other
 * compilers, type tests, child processes, garbage collection, real servers, a world without reflect-metadata, thousands of model runs.
 */
const LEFT_OUT = [
  /\.legacy\.spec\.ts$/,
  /^spec\/(package|types|composition|decorators|examples|fetch|adapters|toolchains|simulate|dashboard|cli|testing|observe|presets|recovery)\//,
  /(toolchains|real-time|collection|without-metadata|symbol-metadata|model|isolation)\.spec\.ts$/,
];

/** The specs that judge the mutants of the folder, or all that can run in one process. */
export function specFiles(): string[] {
  return readdirSync('spec', { recursive: true, encoding: 'utf8' })
    .map((name) => join('spec', name))
    .filter((file) => file.endsWith('.spec.ts') && !LEFT_OUT.some((pattern) => pattern.test(file)))
    .filter((file) => withAllSpecs || [mutatedFolder, ...furtherSpecs].some((folder) => file.startsWith(`spec/${folder}/`)))
    .sort();
}
