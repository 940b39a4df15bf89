import { resolve } from 'node:path';
import { jestExpect } from '@jest/expect';
import type { Circus } from '@jest/types';
import * as circus from 'jest-circus';
import { jestObject, rememberGlobals, restoreGlobals } from './jest-object';
import { ModuleRegistry } from './module-registry';

export interface SpecFileRun {
  /** Whether a test, by its place in the file, is to be run. */
  readonly wants: (test: number) => boolean;
  /** How long a test may take before it counts as one that hangs, in milliseconds. */
  readonly limitOf: (test: number) => number;
  readonly bail: boolean;
  readonly onLoad?: () => void;
  readonly onTest?: (test: number) => void;
}

export interface TestOutcome {
  readonly test: number;
  readonly name: string;
  readonly ms: number;
  readonly failure?: string;
}

const { setImmediate, performance } = globalThis;
const now = performance.now.bind(performance);
const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect: jestExpect });

circus.resetState();
// The matchers and the instrumented code keep what they know there.
Object.assign(globalThis, { __stryker__: (globalThis as Record<string, unknown>)['__stryker__'] ?? {} });
rememberGlobals();

process.on('uncaughtException', blameRunningTest);
process.on('unhandledRejection', blameRunningTest);

/** Runs a spec file in this process, with modules of its own, by Jest's own runner of tests. */
export async function runSpecFile(path: string, run: SpecFileRun): Promise<TestOutcome[]> {
  circus.resetState();
  const watch = new Watch(run);
  circus.addEventHandler(watch.handle);
  try {
    run.onLoad?.();
    new ModuleRegistry(jestObject).load(resolve(path));
    watch.number(circus.getState().rootDescribeBlock);
    await circus.run();
  } catch (error) {
    watch.outcomes.push({ test: -1, name: 'the file', ms: 0, failure: String(error) });
  } finally {
    circus.removeEventHandler(watch.handle);
    restoreGlobals();
  }
  return watch.outcomes;
}

class Watch {
  readonly outcomes: TestOutcome[] = [];
  private readonly numbers = new Map<Circus.TestEntry, number>();
  private startedAt = 0;
  private stopped = false;

  constructor(private readonly run: SpecFileRun) {}

  number(block: Circus.DescribeBlock): void {
    for (const child of block.children) {
      if (child.type === 'describeBlock') this.number(child);
      else this.numbers.set(child, this.numbers.size);
    }
  }

  readonly handle = async (event: Circus.Event): Promise<void> => {
    if (event.name === 'test_start') this.start(event.test);
    if (event.name === 'test_fn_success') await nextTurn(); // a rejection that nobody handles is known only now
    if (event.name === 'test_done') this.done(event.test);
  };

  private start(test: Circus.TestEntry): void {
    const number = this.numberOf(test);
    if (this.stopped || !this.run.wants(number)) {
      test.mode = 'skip';
      return;
    }
    test.timeout = this.run.limitOf(number);
    this.run.onTest?.(number);
    this.startedAt = now();
  }

  private done(test: Circus.TestEntry): void {
    const failure = test.errors.length === 0 ? undefined : test.errors.map(String).join('\n').slice(0, 500);
    this.outcomes.push({ test: this.numberOf(test), name: nameOf(test), ms: now() - this.startedAt, failure });
    if (failure !== undefined && this.run.bail) this.stopped = true;
  }

  private numberOf(test: Circus.TestEntry): number {
    return this.numbers.get(test) ?? -1;
  }
}

function nameOf(test: Circus.TestEntry | Circus.DescribeBlock): string {
  const outer = test.parent === undefined || test.parent.parent === undefined ? '' : `${nameOf(test.parent)} › `;
  return outer + test.name;
}

function blameRunningTest(error: unknown): void {
  circus.getState().currentlyRunningTest?.errors.push(error as Circus.Exception);
}

function nextTurn(): Promise<void> {
  return new Promise((done) => { setImmediate(done); });
}
