import { isRecord } from '../core/options';
import type { BreakerState, OverrideKind } from '../policies/circuit-breaker/events';
import type { Answer } from './shared-store';

const STATES: readonly unknown[] = ['closed', 'open', 'half_open'] satisfies BreakerState[];
const KINDS: readonly unknown[] = ['forced_open', 'disabled', 'shadow'] satisfies OverrideKind[];

/** Whether a store has answered. What another one would leave in a breaker, all its calls would live with. */
export function isAnswer(given: unknown): given is Answer {
  if (!isRecord(given)) return false;
  const { state, epoch, remaining, reopenings, now, wait, override } = given;
  return STATES.includes(state) && [epoch, remaining, reopenings, now, wait].every(Number.isFinite) && (override === undefined || isOverride(override));
}

function isOverride(given: unknown): boolean {
  return isRecord(given) && KINDS.includes(given['kind']) && Number.isFinite(given['remaining']);
}
