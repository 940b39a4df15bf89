import { ReferenceBreaker } from './reference-breaker';
import type { Outcome, Recorded, ReferenceClock, ReferenceOptions, ReferencePermit, ReferenceSnapshot, ReferenceWindow } from './reference-types';

/**
 * Faults that breakers have had, each one decision of the reference made wrongly. As the library and the reference are
 * compared with each other, a run that finds the fault in the one would find it in the other.
 */
export const seededFaults: Record<string, typeof ReferenceBreaker> = {
  'a result of an older epoch counts': class extends ReferenceBreaker {
    protected override isLate(): boolean {
      return false;
    }
  },

  'the circuit opens one failure after the threshold': class extends ReferenceBreaker {
    protected override countTrips(failureThreshold: number): boolean {
      return this.failureCount > failureThreshold;
    }
  },

  'a success does not reset the consecutive count': class extends ReferenceBreaker {
    protected override trailingFailures(outcomes: Recorded[]): number {
      return outcomes.filter(({ outcome }) => outcome === 'failure').length;
    }
  },

  'an ignored outcome resets the consecutive count': class extends ReferenceBreaker {
    protected override trailingFailures(outcomes: Recorded[]): number {
      return super.trailingFailures(outcomes.slice(outcomes.findIndex(({ outcome }) => outcome === 'ignored') + 1));
    }
  },

  'a rate must be above its limit': class extends ReferenceBreaker {
    protected override reaches(rate: number, limit: number): boolean {
      return rate > limit;
    }
  },

  'rates are judged after failures only': class extends ReferenceBreaker {
    protected override trips(outcome: Outcome): boolean {
      return outcome === 'failure' && super.trips(outcome);
    }
  },

  'rates are judged before there are enough calls': class extends ReferenceBreaker {
    protected override minimumCalls(window: ReferenceWindow): number {
      return super.minimumCalls(window) - 1;
    }
  },

  'a call exactly as long as is allowed is slow': class extends ReferenceBreaker {
    protected override isSlow(duration: number): boolean {
      return duration >= (this.options.window?.slowCallDuration ?? Infinity);
    }
  },

  'a time window keeps what is older than its duration': class extends ReferenceBreaker {
    protected override isInside(): boolean {
      return true;
    }
  },

  'a close keeps what was counted': class extends ReferenceBreaker {
    protected override get firstCounted(): number {
      return 0;
    }
  },

  'the circuit is half open one tick too late': class extends ReferenceBreaker {
    protected override recovered(): boolean {
      return this.clock.age() > this.current.since + this.current.openTime;
    }
  },

  'an open circuit that is tripped stays open for longer': class extends ReferenceBreaker {
    override trip(): void {
      if (this.current.state !== 'open') return super.trip();
      this.current.openTime = this.clock.age() - this.current.since + this.openTime();
    }
  },

  'half open admits more probes than it has slots': class extends ReferenceBreaker {
    protected override slotsTaken(): number {
      return Math.max(0, super.slotsTaken() - 1);
    }
  },

  'an ignored probe does not give its slot back': class extends ReferenceBreaker {
    readonly #ignored = new Set<ReferencePermit>();

    override settle(permit: ReferencePermit, outcome: Outcome, error: Error): void {
      if (outcome === 'ignored') this.#ignored.add(permit);
      super.settle(permit, outcome, error);
    }

    protected override holdsSlot(permit: ReferencePermit): boolean {
      return super.holdsSlot(permit) || (this.#ignored.has(permit) && permit.period === this.current);
    }
  },

  'a hung probe keeps its slot for ever': class extends ReferenceBreaker {
    protected override timedOut(): boolean {
      return false;
    }
  },

  'the result of a probe that lost its slot does not count': class extends ReferenceBreaker {
    protected override isLate(permit: ReferencePermit): boolean {
      return super.isLate(permit) || this.timedOut(permit);
    }
  },

  'a probe is given the open time, with its backoff': class extends ReferenceBreaker {
    protected override probeTimeout(): number {
      return this.options.halfOpen?.probeTimeout ?? this.lastOpen.openTime;
    }
  },

  'a slow probe closes what slowness opened': class extends ReferenceBreaker {
    protected override openedBySlowness(): boolean {
      return false;
    }
  },

  'the first successful probe closes, whatever the success threshold': class extends ReferenceBreaker {
    protected override closes(): boolean {
      return true;
    }
  },

  'a failed probe reopens without a full new open time': class extends ReferenceBreaker {
    protected override openTime(): number {
      return this.reopenings() > 0 ? super.openTime() - 1 : super.openTime();
    }
  },

  'a close does not reset the recovery backoff': class extends ReferenceBreaker {
    protected override reopenings(): number {
      return this.periods.filter(({ state }) => state === 'open').length - 1;
    }
  },

  'a reset clears the override': class extends ReferenceBreaker {
    override reset(): void {
      super.reset();
      this.laidOver = undefined;
    }
  },

  'calls in flight write into a breaker that was reset': class extends ReferenceBreaker {
    override reset(): void {
      const before = this.current;
      super.reset();
      if (before.state === 'closed') this.periods = [Object.assign(before, { firstOutcome: 0 })];
    }
  },

  'an override does not end by itself': class extends ReferenceBreaker {
    protected override isOver(): boolean {
      return false;
    }
  },

  'a snapshot does not age between two processes': class extends ReferenceBreaker {
    protected override gapSince(): number {
      return 0;
    }
  },

  'frozen time does not count': class extends ReferenceBreaker {
    constructor(options: ReferenceOptions, clock: ReferenceClock) {
      super(options, { now: () => clock.now(), wallTime: () => clock.wallTime(), age: () => clock.now() });
    }
  },

  'a wall clock that was set back prolongs the open time': class extends ReferenceBreaker {
    protected override gapSince({ wallTime }: ReferenceSnapshot): number {
      return this.clock.wallTime() - wallTime;
    }
  },
};
