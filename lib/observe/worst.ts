import type { Breaker } from '../policies/circuit-breaker/breaker';
import type { BreakerState } from '../policies/circuit-breaker/events';

const BADNESS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** What is shown of several breakers, where there is room for one: of those that are open, the one that has been for longest. */
export function worstOf(breakers: readonly Breaker[]): Breaker | undefined {
  const since = ({ stats: { openedAt = Infinity } }: Breaker): number => openedAt;
  const worstFirst = (one: Breaker, other: Breaker): number =>
    BADNESS[other.state] - BADNESS[one.state] || since(one) - since(other);
  return [...breakers].sort(worstFirst)[0];
}
