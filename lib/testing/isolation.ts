import type { Breaker } from '../breaker/breaker';
import type { BreakerRegistry } from '../registry/registry';
import { AssertionFailure } from './checks';
import { toFault } from './fault';
import { currentScope } from './process-scope';
import { reportOf } from './report';
import { runsOf } from './records';
import { presentRegistry, subjectOf } from './subject';
import type { Counter } from '../registry/counter';

/** Calls after which an operation that fails each time is not expected to open any more. */
const ENOUGH = 1000;

/** How the operations are made to fail. */
export interface IsolationTask {
  readonly names: readonly string[];
  readonly call: (name: string) => unknown;
  /** The error that they fail with. @defaultValue an error of the kit's */
  readonly error?: object | undefined;
}

/**
 * Makes each operation in turn fail until its circuit opens, and checks that no other has changed. Circuits are closed again
 * after; faults are as they were.
 *
 * @throws An assertion error that names the operation that changed, or that did not open.
 */
export async function checkIsolation(task: IsolationTask): Promise<void> {
  const scope = currentScope();
  const bringBack = scope.remember();
  try {
    scope.isInstant = true;
    for (const name of task.names) await failAlone(name, task);
  } finally {
    bringBack();
  }
}

async function failAlone(name: string, { call, error }: IsolationTask): Promise<void> {
  const { faults, clock } = currentScope();
  const registry = presentRegistry();
  const before = picturesOf(registry, name);
  const startedBefore = runsOf(registry, name).started;
  faults.clear();
  faults.set(name, toFault({ error }, name, 0, clock));
  for (let n = 0; !isOpen(registry, name); n++) {
    if (n === ENOUGH) throw new AssertionFailure(neverOpened(name, runsOf(registry, name).started - startedBefore));
    await quietly(call, name);
  }
  const changed = [...picturesOf(registry, name)].filter(([other, picture]) => picture !== (before.get(other) ?? UNTOUCHED));
  registry.reset(name);
  if (changed.length > 0) throw new AssertionFailure(notAlone(name, changed));
}

function isOpen(registry: BreakerRegistry, name: string): boolean {
  return [...(registry.table.get(name)?.breakers ?? [])].some(({ state }) => state === 'open');
}

/** Calls an operation, and drops its error: the circuits are what is tested. */
async function quietly(call: (name: string) => unknown, name: string): Promise<void> {
  try {
    await call(name);
  } catch {
    // as it was made to
  }
}

/** State and counts of the other breakers, as text: they must not change. */
function picturesOf(registry: BreakerRegistry, except: string): Map<string, string> {
  const pictures = new Map<string, string>();
  for (const [name, breaker] of registry) {
    const picture = pictureOf(breaker);
    // A key that has come to nothing yet is no change.
    if (name !== except && (breaker.key === undefined || picture !== UNTOUCHED)) pictures.set(labelOf(name, breaker), picture);
  }
  return pictures;
}

function pictureOf({ state, stats }: Breaker | Counter): string {
  return `${state}; ${stats.failures} failures, ${stats.consecutiveFailures} of them in a row; ${stats.rejected} rejected`;
}

const UNTOUCHED = 'closed; 0 failures, 0 of them in a row; 0 rejected';

function labelOf(name: string, { key }: Breaker | Counter): string {
  return key === undefined ? name : `${name}[${key}]`;
}

function notAlone(name: string, changed: readonly [string, string][]): string {
  const others = changed.map(([other, picture]) => `  ${other} is now ${picture}`);
  return [`expected ${name} to fail alone, but other operations changed:`, ...others].join('\n');
}

function neverOpened(name: string, ran: number): string {
  const subject = subjectOf(name, 'kit.assertIsolated');
  return `expected ${name} to open, but ${ENOUGH} failing calls left it ${subject.breakers[0]?.state ?? 'without a breaker'}; ${reasonOf(ran)}\n\n${reportOf(subject)}`;
}

function reasonOf(ran: number): string {
  if (ran === 0) return 'none of these calls ran its function: does the call reach it?';
  if (ran < ENOUGH) return `only ${ran} of these calls ran its function: another policy, such as a rate limit, holds the rest back`;
  return 'what it fails with may count for nothing: give an error that its breaker handles, as { error }';
}
