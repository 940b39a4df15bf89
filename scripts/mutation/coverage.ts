import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which tests of a spec file reach which mutants, and how long each test takes. */
export interface FileCoverage {
  /** By the id of the mutant; `LOAD` among them when loading the file reaches it, so that every test may tell. */
  readonly tests: Record<string, number[]>;
  readonly ms: number[];
}

export const LOAD = -1;

const known = new Map<string, FileCoverage>();

/** In the sandbox, where each process that runs mutants finds it. */
const DIRECTORY = '.mutation-coverage';

export function saveCoverage(specFile: string, coverage: FileCoverage): void {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(pathOf(specFile), JSON.stringify(coverage));
}

export function coverageOf(specFile: string): FileCoverage {
  const found = known.get(specFile) ?? (JSON.parse(readFileSync(pathOf(specFile), 'utf8')) as FileCoverage);
  known.set(specFile, found);
  return found;
}

function pathOf(specFile: string): string {
  return join(DIRECTORY, `${specFile.replaceAll('/', '+')}.json`);
}
