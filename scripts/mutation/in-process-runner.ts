import '../support/dev';
import { relative } from 'node:path';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
} from '@stryker-mutator/api/test-runner';
import { coverageOf, LOAD, saveCoverage, type FileCoverage } from './coverage';
import { isNear, nearestFirst } from './nearest';
import { judgedForMs } from './settings';
import { runSpecFile, type TestOutcome } from './spec-file';
import { specFiles } from './spec-files';

/** What Stryker's instrumented code shares with the runner of its tests. */
interface Instrumenter {
  activeMutant?: string;
  currentTestId?: string;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: MutantCoverage;
}

const now = performance.now.bind(performance);

/** A test that is not done by then hangs: its mutant is killed. */
const HANGS_AFTER_MS = 2_000;
const TIMES_AS_LONG = 5;

/**
 * Runs our Jest specs for Stryker in one process that lives on. `@stryker-mutator/jest-runner` starts Jest once a mutant, which takes
 * some twenty times as long as the tests themselves.
 *
 * To Stryker a spec file is one test. Inside, only those tests run that reach the mutant; those files first which noticed most changes
 * of the same source, then the nearest, and none after the first failure.
 */
export class InProcessRunner implements TestRunner {
  private readonly instrumenter: Instrumenter = ((globalThis as Record<string, any>)['__stryker__'] ??= {});
  /** For each source, how many of its changes a spec file noticed. */
  private readonly noticed = new Map<string, Map<string, number>>();

  constructor() {
    process.env['NODE_ENV'] = 'test';
  }

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    const total: MutantCoverage = { static: {}, perTest: {} };
    for (const file of specFiles()) {
      const { result, hits } = await this.dryRunFile(file);
      tests.push(result);
      total.perTest[file] = hits;
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: total };
  }

  async mutantRun({ activeMutant, sandboxFileName, testFilter, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    Object.assign(this.instrumenter, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      return await this.runMutant(activeMutant.id, relative(process.cwd(), sandboxFileName), testFilter ?? specFiles());
    } finally {
      Object.assign(this.instrumenter, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    }
  }

  private async runMutant(mutant: string, source: string, files: readonly string[]): Promise<MutantRunResult> {
    let nrOfTests = 0;
    const nearest = nearestFirst(files, source, (spec) => msToJudge(spec, source, mutant));
    const noticed = this.noticedOf(source);
    const timesOf = (file: string): number => noticed.get(file) ?? 0;
    const endMs = now() + judgedForMs;
    for (const file of nearest.sort((a, b) => timesOf(b) - timesOf(a))) {
      if (now() > endMs) break;
      const outcomes = await this.runFile(file, source, mutant);
      nrOfTests += outcomes.length;
      const { hitCount, hitLimit } = this.instrumenter;
      const endless = determineHitLimitReached(hitCount, hitLimit);
      if (endless !== undefined) return { status: MutantRunStatus.Timeout, reason: endless.reason };
      const failed = outcomes.find(({ failure }) => failure !== undefined);
      if (failed !== undefined) {
        noticed.set(file, timesOf(file) + 1);
        return killed(file, failed, nrOfTests);
      }
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  private noticedOf(source: string): Map<string, number> {
    const known = this.noticed.get(source) ?? new Map<string, number>();
    this.noticed.set(source, known);
    return known;
  }

  private async runFile(file: string, source: string, mutant: string): Promise<TestOutcome[]> {
    const tests = testsFor(file, source, mutant);
    if (tests.length === 0) return [];
    const { ms } = coverageOf(file);
    return runSpecFile(file, {
      wants: (test) => tests.includes(test),
      limitOf: (test) => HANGS_AFTER_MS + TIMES_AS_LONG * (ms[test] ?? 0),
      bail: true,
    });
  }

  private async dryRunFile(file: string): Promise<{ result: TestResult; hits: Record<string, number> }> {
    const perTest: MutantCoverage['perTest'] = {};
    const collect = (test: number): void => {
      this.instrumenter.currentTestId = String(test);
    };
    const coverage = (this.instrumenter.mutantCoverage ??= { static: {}, perTest: {} });
    coverage.perTest = perTest;
    const outcomes = await runSpecFile(file, {
      wants: () => true,
      limitOf: () => 120_000,
      bail: false,
      onLoad: () => collect(LOAD),
      onTest: collect,
    });
    this.instrumenter.currentTestId = undefined;
    saveCoverage(file, coverageByMutant(perTest, outcomes));
    return { result: resultOf(file, outcomes), hits: sumOf(perTest) };
  }
}

function coverageByMutant(perTest: MutantCoverage['perTest'], outcomes: readonly TestOutcome[]): FileCoverage {
  const tests: Record<string, number[]> = {};
  for (const [test, hits] of Object.entries(perTest)) {
    for (const mutant of Object.keys(hits)) (tests[mutant] ??= []).push(Number(test));
  }
  const ms: number[] = [];
  for (const outcome of outcomes) ms[outcome.test] = Math.ceil(outcome.ms);
  return { tests, ms };
}

/**
 * The tests of a file that may notice a mutant. What loading a file reaches, every test of it may; but nearly every file loads
 * nearly all of the library, so far from the source only those are asked that reach the mutant themselves.
 */
function testsFor(file: string, source: string, mutant: string): number[] {
  const { tests, ms } = coverageOf(file);
  const reached = tests[mutant] ?? [];
  if (reached.includes(LOAD) && isNear(file, source)) return Object.keys(ms).map(Number);
  return reached.filter((test) => test !== LOAD);
}

/** What it takes to run them. */
function msToJudge(file: string, source: string, mutant: string): number {
  const { ms } = coverageOf(file);
  return testsFor(file, source, mutant).reduce((sum, test) => sum + (ms[test] ?? 0), 0);
}

function sumOf(perTest: MutantCoverage['perTest']): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const hits of Object.values(perTest)) {
    for (const [mutant, count] of Object.entries(hits)) sum[mutant] = (sum[mutant] ?? 0) + count;
  }
  return sum;
}

function resultOf(file: string, outcomes: readonly TestOutcome[]): TestResult {
  const timeSpentMs = Math.ceil(outcomes.reduce((sum, { ms }) => sum + ms, 0));
  const failed = outcomes.find(({ failure }) => failure !== undefined);
  const about = { id: file, name: file, fileName: file, timeSpentMs };
  if (failed === undefined) return { ...about, status: TestStatus.Success };
  return { ...about, status: TestStatus.Failed, failureMessage: `${failed.name}: ${failed.failure ?? ''}` };
}

function killed(file: string, { name, failure }: TestOutcome, nrOfTests: number): MutantRunResult {
  return { status: MutantRunStatus.Killed, killedBy: [file], failureMessage: `${name}: ${failure ?? ''}`, nrOfTests };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
