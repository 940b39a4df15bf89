import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outcomeOf, root } from '../../../scripts/support/process';
import { consumer } from './consumer';

/** How one test of a project ended. */
export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  /** Of one that failed. */
  readonly message: string;
}

const timeoutMs = 120_000;

/**
 * Makes a project of a user's: a folder of the one that has installed the packed package. What else it has installed are
 * links to this repository's, which are the same versions.
 */
export function makeProject(name: string, files: Readonly<Record<string, string>>, packages: readonly string[] = []): string {
  const folder = join(consumer, name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(__dirname, '..', 'fixtures'), folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  for (const one of packages) link(one);
  return folder;
}

function link(name: string): void {
  const target = join(consumer, 'node_modules', name);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), target);
}

/** @param modules - Where Jest is installed. */
export function runJest(folder: string, nodeOptions: readonly string[] = [], modules = join(root, 'node_modules')): TestResult[] {
  const results = join(folder, 'results.json');
  run([...nodeOptions, join(modules, 'jest/bin/jest.js'), '--rootDir', folder, '--ci', '--json', '--outputFile', results, '--workerThreads=false', '-i'], folder);
  const report = JSON.parse(readFileSync(results, 'utf8')) as { testResults: { message: string; assertionResults: Assertion[] }[] };
  return report.testResults.flatMap(({ message, assertionResults }) => {
    if (assertionResults.length === 0) throw new Error(message);
    return assertionResults.map(resultOf);
  });
}

export function runVitest(folder: string): TestResult[] {
  const results = join(folder, 'results.json');
  const { stdout, stderr } = run([join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--reporter=json', `--outputFile=${results}`], folder);
  if (!existsSync(results)) throw new Error(stdout + stderr);
  const report = JSON.parse(readFileSync(results, 'utf8')) as { testResults: { message: string; assertionResults: Assertion[] }[] };
  return report.testResults.flatMap(({ message, assertionResults }) => {
    if (assertionResults.length === 0) throw new Error(message);
    return assertionResults.map(resultOf);
  });
}

/** Runs a file of `node:test`, each test of which prints one line of TAP. @param nodeOptions - With `--test`, Node runs the file in a process of its own. */
export function runNodeTest(folder: string, file: string, nodeOptions: readonly string[] = ['--test']): TestResult[] {
  const { stdout, stderr } = run([...nodeOptions, '--test-reporter=tap', file], folder);
  const tests = stdout.split(/^(?=\s*(?:not )?ok \d+ - )/m).flatMap((text) => {
    const [, failed, name] = /^\s*(not )?ok \d+ - (.*)$/m.exec(text) ?? [];
    return name === undefined || name.endsWith(file) ? [] : [{ name: name.replaceAll('\\', ''), passed: failed === undefined, message: text.replaceAll(/^ {4}/gm, '') }];
  });
  if (tests.length === 0) throw new Error(stdout + stderr);
  return tests;
}

interface Assertion {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

function resultOf({ title, status, failureMessages }: Assertion): TestResult {
  return { name: title, passed: status === 'passed', message: failureMessages.join('\n') };
}

function run(args: readonly string[], cwd: string) {
  // Not those of the runner that runs this spec.
  const env = { NODE_ENV: undefined, NODE_OPTIONS: undefined, JEST_WORKER_ID: undefined, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1', FORCE_COLOR: undefined };
  return outcomeOf(process.execPath, args, { cwd, timeout: timeoutMs, killSignal: 'SIGKILL', env });
}
