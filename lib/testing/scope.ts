import type { Clock } from '../core/clock';
import { contextStorage, type ContextStorage } from '../core/platform';
import type { Random } from '../core/random';
import { shared } from '../core/shared';
import type { Fault } from './fault';
import { TestClock } from './test-clock';

/** The faults and overrides of the operations that are called in a run of the kit, or outside of all runs. */
export class Scope {
  readonly clock: TestClock;
  /** Undefined for the system's. */
  readonly random: Random | undefined;
  /** By operation. */
  faults = new Map<string, Fault>();
  /** Waits between attempts, in milliseconds, by operation. */
  waits = new Map<string, number[]>();
  /** Whether such waits are passed over. */
  isInstant = false;
  /** Whether all policies are. */
  isDisabled = false;
  /** Waits that were passed over. */
  passedOver = 0;

  constructor(beneath: Clock, random?: Random) {
    this.clock = new TestClock(beneath);
    this.random = random;
  }

  noteWait(operation: string, delayMs: number): void {
    this.waits.set(operation, [...(this.waits.get(operation) ?? []), delayMs]);
  }

  /** @returns A function that brings back what was said up to now. */
  remember(): () => void {
    const { faults, isInstant, isDisabled } = this;
    const before = new Map(faults);
    return () => {
      Object.assign(this, { faults: before, isInstant, isDisabled });
    };
  }
}

/** For the kits of all copies of the package. */
const runs = shared<{ storage: ContextStorage<Scope> | undefined }>('test-kit.runs', () => ({ storage: undefined }));

/** Runs `fn` in a scope of its own, across its awaits. */
export function inScope<R>(scope: Scope, fn: () => R): R {
  runs.storage ??= contextStorage<Scope>();
  return runs.storage.run(scope, fn);
}

/** The scope of the run around us; undefined outside of all runs. */
export function scopeOfRun(): Scope | undefined {
  return runs.storage?.getStore();
}
