import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf } from '../../../../scripts/support/process';

/** How the tests of a project ended. */
export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  /** What went wrong, for the message of a spec that fails. */
  readonly failures: string;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly message: string }[];
}

const timeoutMs = 300_000;

/** Runs a tool that writes the report that Jest invented. */
export function outcomeOfReport(folder: string, tool: string, args: readonly string[]): TestOutcome {
  const report = join(folder, 'report.json');
  outcomeOf(tool, [...args, `--outputFile=${report}`], { cwd: folder, timeout: timeoutMs });
  const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  return {
    passed: numPassedTests,
    failed: numFailedTests || numFailedTestSuites,
    failures: testResults.map(({ message }) => message).join('\n').slice(0, 5000),
  };
}

/** Runs a file of Jest's specs by `node:test`. */
export function outcomeOfNodeTest(folder: string, file: string, nodeArgs: readonly string[] = []): TestOutcome {
  const args = [...nodeArgs, '--import', './globals.mjs', '--test-reporter=tap', file];
  const { stdout, stderr } = outcomeOf(process.execPath, args, { cwd: folder, timeout: timeoutMs });
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? Number.NaN);
  const failures = stdout.split('\n').filter((line) => /^\s*(not ok|error:)/.test(line));
  return { passed: count('pass'), failed: count('fail'), failures: [...failures, stderr].join('\n').slice(0, 5000) };
}
