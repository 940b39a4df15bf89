import { shared } from '../core/shared';

/** How often the function of an operation ran, and runs now, since the test began. */
export class Runs {
  started = 0;
  running = 0;

  begin(): void {
    this.started++;
    this.running++;
  }

  end(): void {
    this.running--;
  }
}

const known = shared('test-kit.counts', () => new WeakMap<object, Map<string, Runs>>());

/** The runs of an operation in a registry. Who has them goes on with them when they are forgotten, and is not counted any more. */
export function runsOf(registry: object, operation: string): Runs {
  const ofRegistry = known.get(registry) ?? new Map<string, Runs>();
  known.set(registry, ofRegistry);
  const runs = ofRegistry.get(operation) ?? new Runs();
  ofRegistry.set(operation, runs);
  return runs;
}

/** Operations that have a run now, with how many. */
export function runningIn(registry: object): [operation: string, running: number][] {
  return Array.from(known.get(registry) ?? [], ([operation, { running }]): [string, number] => [operation, running]).filter(
    ([, running]) => running > 0,
  );
}

/** Whether these are those that count: no test has begun since they were given. */
export function areCurrent(runs: Runs, registry: object, operation: string): boolean {
  return known.get(registry)?.get(operation) === runs;
}

export function forgetRuns(registry: object): void {
  known.delete(registry);
}
