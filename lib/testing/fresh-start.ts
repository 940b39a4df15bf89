import { shared } from '../core/shared';
import type { Breaker } from '../breaker/breaker';
import { configureAlone } from '../breaker/configure';
import type { BreakerOptions } from '../breaker/options';
import { overrideOf, setOverride } from '../breaker/override';
import type { Override } from '../breaker/states';
import { nextTest, outside, processScope } from './process-scope';
import { remember as rememberRegistry, renew } from './registry-state';
import { forgetRuns, forgetTransitions } from './records';

/** Brings back what held before the test that is running. */
const running = shared<{ bringBack: (() => void) | undefined }>('test-kit.running', () => ({ bringBack: undefined }));

/** How a runner of tests is told what to do before and after each. */
export interface Hooks {
  beforeEach(fn: () => void): unknown;
  afterEach(fn: () => void): unknown;
}

/** Lets every test of a runner start with fresh state, and leave nothing that it has said. */
export function startEachTestAfresh({ beforeEach, afterEach }: Hooks): void {
  beforeEach(() => {
    beginTest();
  });
  afterEach(() => {
    endTest();
  });
}

/**
 * Begins a test: circuits are closed, statistics and logs empty, policies remember nothing; registrations stay. Every breaker
 * begins a new state, so that what a call left over from another test comes to counts no more.
 */
export function beginTest(): void {
  endTest(); // the one before, where nobody said that it was over
  nextTest();
  processScope.clock.release();
  processScope.waits.clear();
  for (const registry of outside.registries) {
    renew(registry);
    forgetRuns(registry);
  }
  for (const breaker of outside.breakers) {
    breaker.reset();
    forgetTransitions(breaker);
  }
  running.bringBack = remember();
}

/** Ends a test: overrides, faults, and what was configured in it are no more. */
function endTest(): void {
  running.bringBack?.();
  running.bringBack = undefined;
}

function remember(): () => void {
  const saids = [processScope.remember(), ...Array.from(outside.registries, rememberRegistry)];
  const before = new Map(Array.from(outside.breakers, (breaker) => [breaker, saidOf(breaker)]));
  return () => {
    for (const breaker of outside.breakers) sayOf(breaker, before.get(breaker) ?? NOTHING);
    // After them: what is said of an operation holds for breakers that were not there yet, too.
    for (const bringOneBack of saids) bringOneBack();
  };
}

interface Said {
  readonly override: Override | undefined;
  readonly local: BreakerOptions | undefined;
}

const NOTHING: Said = { override: undefined, local: undefined };

function saidOf(breaker: Breaker): Said {
  return { override: overrideOf(breaker), local: breaker.local };
}

function sayOf(breaker: Breaker, { override, local }: Said): void {
  if (overrideOf(breaker) !== override) setOverride(breaker, override);
  if (breaker.local !== local) configureAlone(breaker, local, `configure of ${breaker.name}`);
}
