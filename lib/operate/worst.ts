import type { Breaker } from '../breaker/breaker';
import type { BreakerState } from '../breaker/events';
import type { Counter } from '../registry/counter';

const BADNESS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** The breaker that stands for several: of those that are open, the one that has been open for longest. */
export function worstOf(breakers: readonly (Breaker | Counter)[]): Breaker | Counter | undefined {
  return breakers.reduce<Breaker | Counter | undefined>((worst, one) => (worst === undefined || isWorse(one, worst) ? one : worst), undefined);
}

function isWorse(one: Breaker | Counter, other: Breaker | Counter): boolean {
  const difference = BADNESS[one.state] - BADNESS[other.state];
  return difference > 0 || (difference === 0 && since(one) < since(other));
}

function since({ stats: { openedAt = Infinity } }: Breaker | Counter): number {
  return openedAt;
}
