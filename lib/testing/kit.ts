import type { Breaker } from '../breaker/breaker';
import { list, optional, options, refuse, resolve, when, type Check } from '../core/check';
import { systemClock, wallTime } from '../core/clock';
import { type Duration, duration, fn, integer, text } from '../core/options';
import { ConfigurationError } from '../core/errors';
import { seededRandom } from '../core/random';
import { close, halfOpen } from '../breaker/states';
import { withRegistry } from '../registry/ambient-registry';
import { obtain } from '../registry/breakers';
import { AssertionFailure } from './checks';
import { toFault, type FaultOptions } from './fault';
import { beginTest } from './fresh-start';
import { checkIsolation } from './isolation';
import { currentScope, processScope } from './process-scope';
import { runningIn } from './records';
import { forkOf } from './registry-state';
import { waitsOf, listOf } from './report';
import { inScope, Scope } from './scope';
import { nameOf, presentRegistry, subjectOf, type Subject, type TestSubject } from './subject';
import { standingStill } from './test-clock';

/** Options of a {@link TestKit}. */
export interface TestKitOptions {
  /** The seed of randomness, in each run and for each fault; integer ≥ 0. The same seed gives the same test. @defaultValue 1 */
  seed?: number | undefined;
}

const kitSchema = options({ seed: optional(integer(0), 1) });

const names: Check<string[]> = (given, issues, path) =>
  Array.isArray(given) && given.length === 0
    ? refuse(issues, path, given, 'must name an operation')
    : list(text(), 'must be a list of names of operations')(given, issues, path);

const isolationSchema = options({
  names,
  call: fn<(name: string) => unknown>(),
  error: optional(when<object>((input) => (typeof input === 'object' && input !== null) || typeof input === 'function', 'must be an error, or a function () => error')),
});

/**
 * Controls the operations of a program in a test. Its methods apply to the run that they are called in; outside of all runs,
 * of the default registry (or of the one that `withRegistry` names) and of the process.
 *
 * Where a method takes an operation, that is a protected function, its breaker, or the operation's name.
 */
export class TestKit {
  readonly #seed: number;

  /** @internal */
  constructor(given: TestKitOptions) {
    this.#seed = resolve(kitSchema, given, 'testKit').seed;
  }

  /**
   * Runs `test` with a registry of its own for all that is called inside, across its awaits: tests may run concurrently. Time stands
   * still inside, until {@link TestKit.advance} moves it; chance comes from the seed. Policies that were given a clock, a
   * `random` or a registry keep theirs.
   *
   * @returns What `test` returns.
   * @throws {@link ConfigurationError} when `test` is no function.
   */
  async run<R>(test: () => R | PromiseLike<R>): Promise<R> {
    resolve(fn(), test, 'kit.run');
    const random = seededRandom(this.#seed);
    const scope = new Scope(standingStill(wallTime(systemClock)), random);
    return inScope(scope, () => withRegistry(forkOf(presentRegistry(), { clock: scope.clock, random }), test));
  }

  /**
   * Moves time on: what is due by then happens, in the order of its time, with all promise reactions that follow. Outside
   * of runs time passes by itself as well.
   *
   * @param by - A duration ≥ 0.
   */
  async advance(by: Duration): Promise<void> {
    await currentScope().clock.advance(resolve(duration(), by, 'kit.advance'));
  }

  /**
   * Waits between attempts are passed over from now on: all else about retries stays, and time has passed by the wait after it. No
   * timer of anybody else fires for that.
   */
  instantRetries(): void {
    currentScope().isInstant = true;
  }

  /** How long the operation waited between attempts, or would have waited, in milliseconds. */
  sleeps(operation: TestSubject): readonly number[] {
    return waitsOf({ name: nameOf(operation, 'kit.sleeps') });
  }

  /**
   * Does something to attempts of an operation in place of running its function, or before: without options, all of them fail.
   * It takes the place of a fault that was there. An operation may be named before it is registered.
   */
  fault(operation: TestSubject, fault: FaultOptions = {}): void {
    const { faults, clock } = currentScope();
    const name = nameOf(operation, 'kit.fault');
    faults.set(name, toFault(fault, name, this.#seed, clock));
  }

  /** Takes the fault of an operation back, or all faults. */
  clearFault(operation?: TestSubject): void {
    const { faults } = currentScope();
    if (operation === undefined) faults.clear();
    else faults.delete(nameOf(operation, 'kit.clearFault'));
  }

  /** Opens the circuits of an operation; they recover as usual. @param key - Of a keyed operation: that of one breaker, made when it is not there. */
  open(operation: TestSubject, key?: string): void {
    for (const breaker of breakersOf(operation, key, 'kit.open')) breaker.trip('kit.open');
  }

  /** Makes the circuits of an operation half open: the next calls probe. */
  halfOpen(operation: TestSubject, key?: string): void {
    for (const breaker of breakersOf(operation, key, 'kit.halfOpen')) {
      breaker.trip('kit.halfOpen');
      halfOpen(breaker);
    }
  }

  /** Closes the circuits of an operation, as a recovery does: what led to their opening is forgotten, statistics stay. */
  close(operation: TestSubject, key?: string): void {
    for (const breaker of breakersOf(operation, key, 'kit.close')) close(breaker, 'reset', undefined, 'kit.close');
  }

  /** All policies of all pipelines pass through: protected functions are called as if nothing protected them. */
  disable(): void {
    currentScope().isDisabled = true;
  }

  /** Ends {@link TestKit.disable}. */
  enable(): void {
    currentScope().isDisabled = false;
  }

  /**
   * Makes each operation in turn fail until its circuit opens, and checks that no other changed: neither its state nor its counts of
   * failures and rejections. Retries do not wait for that; circuits are closed after.
   *
   * @param names - Operations that are to fail; all others of the registry are looked at too.
   * @param call - Calls one of them.
   * @param options - `error`: what they fail with, where their breakers do not count every error.
   * @throws An assertion error that names the operations that changed, or the one that would not open.
   */
  async assertIsolated(
    names: readonly string[],
    call: (name: string) => unknown,
    options: { readonly error?: object | (() => unknown) | undefined } = {},
  ): Promise<void> {
    await checkIsolation(resolve(isolationSchema, { names, call, ...options }, 'kit.assertIsolated'));
  }

  /** Asserts that no timer is armed, nobody waits, and no function runs. @throws An assertion error that says what does. */
  assertIdle(): void {
    assertIdle();
  }

  /**
   * Begins a test, as the set-up imports do before each: circuits are closed, statistics empty, policies remember nothing; overrides, faults
   * and what was configured since the last reset are no more. For runners that have no set-up import.
   *
   * @throws {@link ConfigurationError} in a run: other tests may go on beside it.
   */
  reset(): void {
    if (currentScope() !== processScope) {
      const message = 'must be called outside of kit.run, which gives its test a fresh registry anyway';
      throw new ConfigurationError('kit.reset', [{ path: '', message, received: undefined }]);
    }
    beginTest();
  }
}

/**
 * A kit for tests of code that uses breaker-box.
 *
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function testKit(options: TestKitOptions = {}): TestKit {
  return new TestKit(options);
}

const keySchema = options({ key: text() });

function breakersOf(operation: TestSubject, key: string | undefined, role: string): readonly Breaker[] {
  const subject = subjectOf(operation, role);
  return key === undefined ? allOf(subject, role) : [ofKey(subject, resolve(keySchema, { key }, role).key, role)];
}

function allOf({ name, breakers }: Subject, role: string): readonly Breaker[] {
  if (breakers.length > 0) return breakers;
  const message = `${name} has one breaker per key or instance, and none yet: give the key of one`;
  throw new ConfigurationError(role, [{ path: 'key', message, received: undefined }], name);
}

function ofKey({ name, home }: Subject, key: string, role: string): Breaker {
  const breaker = home && obtain(home.operation, key);
  if (breaker !== undefined) return breaker;
  throw new ConfigurationError(role, [{ path: 'key', message: `${name} has no breakers by key`, received: key }], name);
}

/**
 * Asserts that nothing is going on here: no timer is armed, nobody waits, no function runs.
 *
 * @throws An assertion error that says what does.
 */
function assertIdle(): void {
  const { armed } = currentScope().clock;
  const left = [
    ...(armed.length > 0 ? [`timers: ${armed.length}, which fire in ${listOf(armed)} ms`] : []),
    ...runningIn(presentRegistry()).map(([operation, running]) => `${operation}: ${running} of its attempts ${running === 1 ? 'runs' : 'run'}`),
  ];
  if (left.length === 0) return;
  const failure = new AssertionFailure(['expected no timer, wait or call to be left, but there are', ...left].join('\n  '));
  Error.captureStackTrace?.(failure, assertIdle);
  throw failure;
}
