import { list, optional, options, resolve } from '../core/check';
import { text } from '../core/options';
import type { Breaker } from '../breaker/breaker';
import type { BreakerState, OverrideKind } from '../breaker/events';
import { matches } from '../registry/config';
import type { Operation } from '../registry/operation';
import type { BreakerRegistry } from '../registry/registry';
import { requireRegistry } from './require-registry';
import { worstOf } from './worst';
import type { Counter } from '../registry/counter';

export interface HealthOptions {
  /**
   * Operations without which the process is of no use: names, or patterns as `configure` takes them (`db.*`).
   * @defaultValue none
   */
  critical?: readonly string[] | undefined;
}

/** The health of an operation. Of several breakers, one per key or instance, it shows the worst. */
export interface OperationHealth {
  readonly state: BreakerState;
  /** Consecutive failures. */
  readonly failureCount: number;
  /** Milliseconds until the next probe; absent when it is not open, or when only an operator can end that. */
  readonly retryAfter?: number;
  /** When the circuit opened, in epoch milliseconds; absent while it is closed. */
  readonly openedAt?: number;
  readonly critical: boolean;
  /** The override in force; absent when there is none. */
  readonly override?: OverrideKind;
  /** How many breakers are in each state, where there is one per key or instance. Keys are not shown: they may be users. */
  readonly breakers?: Readonly<Record<BreakerState, number>>;
}

export interface BreakerHealth {
  readonly status: 'up' | 'down';
  /** By operation. */
  readonly operations: Record<string, OperationHealth>;
}

const healthSchema = /* @__PURE__ */ options({ critical: optional(list(text(), __DEV__ && 'must be a list of operation names or patterns'), []) });

/**
 * The health of a process, as far as its breakers tell: plain JSON.
 *
 * It is `up` whatever is open, for an orchestrator must not restart every process because a dependency is out. It is
 * `down` only while a `critical` operation rejects all calls: its circuit is open, or, with a breaker per key or instance,
 * all of them are. As soon as a probe may pass it is `up` again, or the probe would never come.
 *
 * @throws {@link ConfigurationError} when `registry` is none, or the options are wrong.
 */
export function breakerHealth(registry: BreakerRegistry, given: HealthOptions = {}): BreakerHealth {
  requireRegistry(registry, 'breakerHealth');
  const { critical } = resolve(healthSchema, given, 'breakerHealth');
  const isCritical = ({ name }: Operation): boolean => critical.some((pattern) => matches(pattern, name));
  const all = [...registry.table];
  return {
    status: all.some((operation) => isCritical(operation) && rejectsAll(operation)) ? 'down' : 'up',
    // By `fromEntries`, which takes `__proto__` for a name like any other.
    operations: Object.fromEntries(all.map((operation) => [operation.name, healthOf(operation, isCritical(operation))])),
  };
}

function rejectsAll({ all }: Operation): boolean {
  return all.length > 0 && all.every(({ state, override }) => state === 'open' && override !== 'shadow');
}

function healthOf(operation: Operation, critical: boolean): OperationHealth {
  const { all } = operation;
  return { ...conditionOf(worstOf(all)), critical, ...(operation.single === undefined && { breakers: countStates(all) }) };
}

function conditionOf(breaker: Breaker | Counter | undefined): Omit<OperationHealth, 'critical'> {
  if (breaker === undefined) return { state: 'closed', failureCount: 0 };
  const { state, failureCount, retryAfter, override } = breaker;
  const { openedAt } = breaker.stats;
  return {
    state,
    failureCount,
    ...(state === 'open' && retryAfter !== Infinity && { retryAfter: Math.round(retryAfter) }),
    ...(openedAt !== undefined && { openedAt }),
    ...(override !== undefined && { override }),
  };
}

function countStates(breakers: readonly (Breaker | Counter)[]): Record<BreakerState, number> {
  const counts = { closed: 0, half_open: 0, open: 0 };
  for (const { state } of breakers) counts[state]++;
  return counts;
}
