import { shared } from '../core/shared';
import type { Machine } from '../breaker/machine';
import { nextTest, outside, processScope } from './process-scope';
import { remember as rememberRegistry, renew } from './registry-state';
import { forgetRuns } from './runs';
import { forgetTransitions } from './transition-log';

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
 * begins a new epoch, so that what a call left over from another test comes to counts no more.
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
  for (const machine of outside.machines) {
    machine.reset();
    forgetTransitions(machine);
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
  const before = new Map(Array.from(outside.machines, (machine) => [machine, saidOf(machine)]));
  return () => {
    for (const machine of outside.machines) sayOf(machine, before.get(machine) ?? NOTHING);
    // After them: what is said of an operation holds for breakers that were not there yet, too.
    for (const bringOneBack of saids) bringOneBack();
  };
}

type Said = Pick<Machine, 'override' | 'local'>;

const NOTHING: Said = { override: undefined, local: undefined };

function saidOf({ override, local }: Machine): Said {
  return { override, local };
}

function sayOf(machine: Machine, { override, local }: Said): void {
  if (machine.override !== override) machine.setOverride(override);
  if (machine.local !== local) machine.configureAlone(local, `configure of ${machine.operation}`);
}
