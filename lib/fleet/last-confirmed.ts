import type { BreakerState } from '../breaker/events';
import type { Override } from '../breaker/states';
import { FOREVER, type Answer, type Confirmed, type FleetOverride } from './shared-store';

/** What the store has confirmed last, in the time of this process. Apart from what this process does: that may differ while the store is away. */
export class LastConfirmed {
  epoch = 0;
  state: BreakerState = 'closed';
  reopenings = 0;
  /** When an open breaker is due, by the time that states age by. */
  untilMs = 0;
  override: Override | undefined;

  /** @returns Whether the epoch is another one; undefined: the answer is older than what is known. */
  take({ epoch, state, reopenings, remaining, override }: Answer, nowMs: number): boolean | undefined {
    if (epoch < this.epoch) return undefined;
    const isOther = epoch > this.epoch;
    this.epoch = epoch;
    this.state = state;
    this.reopenings = reopenings;
    if (isOther) this.untilMs = until(remaining, nowMs);
    this.override = override && this.#overrideOf(override, nowMs);
    return isOther;
  }

  /** What a command says of it. */
  seenAt(nowMs: number): Confirmed {
    const { epoch, state, reopenings, override } = this;
    const fleetOverride = override !== undefined && override.untilMs > nowMs ? override : undefined;
    return {
      epoch,
      state,
      reopenings,
      remaining: state === 'open' ? remaining(this.untilMs, nowMs) : 0,
      ...(fleetOverride !== undefined && {
        override: {
          kind: fleetOverride.kind,
          remaining: remaining(fleetOverride.untilMs, nowMs),
          ...(fleetOverride.reason !== undefined && { reason: fleetOverride.reason }),
        },
      }),
    };
  }

  /** The same object as long as it is the same override, though it is a little nearer to its end each time. */
  #overrideOf({ kind, remaining: leftMs, reason }: FleetOverride, nowMs: number): Override {
    const untilMs = until(leftMs, nowMs);
    const { override } = this;
    const isSame = override?.kind === kind && override.reason === reason && (untilMs === override.untilMs || Math.abs(untilMs - override.untilMs) < SAME_MS);
    return isSame ? override : { kind, untilMs, reason };
  }
}

/** Further apart than the ways of two answers, nearer than two acts of an operator. */
const SAME_MS = 1000;

function until(leftMs: number, nowMs: number): number {
  return leftMs >= FOREVER ? Infinity : nowMs + leftMs;
}

function remaining(untilMs: number, nowMs: number): number {
  return untilMs === Infinity ? FOREVER : Math.max(0, Math.ceil(untilMs - nowMs));
}
