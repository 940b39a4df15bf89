import type { SlotUsage } from '../../core/policy';
import type { Breaker } from '../../breaker/breaker';
import type { BreakerState } from '../../breaker/events';
import type { Operation } from '../../registry/operation';
import type { BreakerRegistry } from '../../registry/registry';
import type { GaugeName, Labels } from './metrics';
import type { OperationLabels } from './operation-labels';
import { worstOf } from '../../operate/worst';
import type { Counter } from '../../registry/counter';

/** The value of one series of a gauge. */
export interface Reading {
  readonly labels: Labels;
  readonly value: number;
}

/** The operations that share a label. */
interface Group {
  readonly operation: string;
  readonly operations: Operation[];
}

/** Reads a gauge, of all operations there are now. */
export function read(gauge: GaugeName, registry: BreakerRegistry, labels: OperationLabels): Reading[] {
  return groups(registry, labels).flatMap((group) => READERS[gauge](group));
}

const STATES: readonly BreakerState[] = ['closed', 'open', 'half_open'];

const READERS: Readonly<Record<GaugeName, (group: Group) => Reading[]>> = {
  state({ operation, operations }) {
    const { state: current } = worstOf(breakersOf(operations)) ?? { state: 'closed' };
    return STATES.map((state) => ({ labels: { operation, state }, value: state === current ? 1 : 0 }));
  },
  failureRatio: ({ operation, operations }) => [
    { labels: { operation }, value: breakersOf(operations).reduce((highest, { stats }) => Math.max(highest, stats.failureRate), 0) },
  ],
  nextProbe({ operation, operations }) {
    const { retryAfter } = worstOf(breakersOf(operations)) ?? { retryAfter: 0 };
    // That only an operator ends it is no time.
    return retryAfter === Infinity ? [] : [{ labels: { operation }, value: retryAfter / 1000 }];
  },
  retryBudget({ operation, operations }) {
    const balances = operations.flatMap(({ allowance }) => allowance?.balance ?? []);
    return balances.length === 0 ? [] : [{ labels: { operation }, value: balances.reduce((least, balance) => Math.min(least, balance)) }];
  },
  bulkheadUsage: (group) => sumOfSlots(group, ({ running }) => running),
  bulkheadLimit: (group) => sumOfSlots(group, ({ limit }) => limit),
  bulkheadQueued: (group) => sumOfSlots(group, ({ queued }) => queued),
};

/** Of all bulkheads of the operations, and all keys of each; nothing where there is none. */
function sumOfSlots({ operation, operations }: Group, of: (slots: SlotUsage) => number): Reading[] {
  let sum: number | undefined;
  for (const { bulkheads = [] } of operations) {
    for (const slots of bulkheads) sum = (sum ?? 0) + of(slots);
  }
  return sum === undefined ? [] : [{ labels: { operation }, value: sum }];
}

function groups(registry: BreakerRegistry, labels: OperationLabels): Group[] {
  const byLabel = new Map<string, Group>();
  for (const operation of registry.table) {
    const label = labels.of(operation.name);
    if (label === undefined) continue;
    const group = byLabel.get(label) ?? { operation: label, operations: [] };
    byLabel.set(label, group);
    group.operations.push(operation);
  }
  return [...byLabel.values()];
}

/** Those of all keys and instances. */
function breakersOf(operations: readonly Operation[]): (Breaker | Counter)[] {
  return operations.flatMap(({ all }) => all);
}
