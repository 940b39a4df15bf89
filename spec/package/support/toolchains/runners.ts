import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteProject } from './suite-project';
import { outcomeOfNodeTest, outcomeOfReport, type TestOutcome } from './test-outcome';
import * as vite from './vite';

/** Runs the suites of a project by a tool that compiles and runs in one. */
export type Runner = (project: SuiteProject) => TestOutcome;

export const tsJest: Runner = ({ folder }) => {
  const transform = { '^.+\\.ts$': [require.resolve('ts-jest'), { tsconfig: join(folder, 'tsconfig.json'), diagnostics: false }] };
  const config = join(folder, 'jest.config.json');
  writeFileSync(config, JSON.stringify({ rootDir: folder, testEnvironment: 'node', transform }));
  return outcomeOfReport(folder, 'jest', ['--config', config, '--ci', '--json']);
};

export const tsx: Runner = ({ folder }) => outcomeOfNodeTest(folder, 'suites.test.ts', ['--import', require.resolve('tsx')]);

export const vitest =
  (options: { readonly lowered: boolean }): Runner =>
  (project) => {
    vite.configure(project, options);
    return outcomeOfReport(project.folder, 'vitest', ['run', '--reporter=json']);
  };

export const viteBuild =
  (options: { readonly lowered: boolean }): Runner =>
  (project) => {
    vite.configure(project, options);
    return outcomeOfNodeTest(project.folder, vite.build(project));
  };
