import type { Call } from '../core/call';
import type { Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { Rejection } from '../core/rejection';
import type { Breaker } from './breaker';
import { knownReason, type BreakerState, type OverrideKind } from './events';
import { AttemptPermit, classifyError, classifyValue } from './permit';
import type { TripRule } from './trip-rule';

/** A state of a circuit. Each transition makes a new one: a result that reports to a state which is over is late, and changes nothing. */
export interface State {
  readonly kind: BreakerState;
  /** @param call - Undefined when the permit is taken by hand. @returns Undefined: the attempt is rejected. */
  admit(call?: Call): Permit | undefined;
  /** Admits an attempt that waits for a probe slot of the fleet; undefined: it is rejected at once. */
  admitLater?(call: Call): Promise<Permit | undefined> | undefined;
  /** A permit of this state has ended. @returns Whether its result counts. */
  release?(permit: AttemptPermit, outcome: Outcome): boolean;
  record(failed: boolean, slow: boolean): void;
  /** Probes that have begun. */
  readonly begun?: number;
  /** How many probes more may run now. */
  freeSlots?(nowMs: number): number;
  /** When the next slot is free at the latest, in monotonic milliseconds. */
  readonly freeAtMs?: number;
}

/** An operator's override of the state. */
export interface Override {
  readonly kind: OverrideKind;
  /** By the time that states age by; `Infinity` when it lasts until it is cleared. */
  readonly untilMs: number;
  readonly reason: string | undefined;
}

/** Stands in front of the state, which goes on behind it. */
export interface Front {
  /** The override in force; undefined when its time is over. */
  readonly active: Override | undefined;
  admit(call?: Call): Permit | undefined;
}

/**
 * Calls pass, and the trip rule judges their outcomes.
 *
 * The state itself is the permit of plain attempts (nobody can cancel them, nobody times them): a plain call makes no object.
 */
export class Closed implements State, Permit {
  readonly kind = 'closed';
  /** Outcomes of this closed period. */
  successes = 0;
  failures = 0;

  constructor(
    private readonly breaker: Breaker,
    public rule: TripRule,
  ) {}

  admit(call?: Call): Permit {
    const { breaker } = this;
    if (breaker.isTimed || call?.isPlain !== true) return new AttemptPermit(breaker, this, call);
    breaker.inFlight++;
    return this;
  }

  readonly success = (value: unknown): unknown => {
    const { breaker } = this;
    breaker.inFlight--;
    if (breaker.counting === this) {
      breaker.successes++;
      this.record(false, false);
    } else this.#end(classifyValue(breaker, value, undefined, 0), { value });
    return value;
  };

  readonly failure = (error: unknown): Rejection => {
    const { breaker } = this;
    breaker.inFlight--;
    this.#end(classifyError(breaker, error, undefined, 0), { error });
    return new Rejection(error);
  };

  readonly ignore = (): void => {
    this.breaker.inFlight--;
    this.#end('ignored', {});
  };

  leave(): void {
    this.breaker.inFlight--;
    this.#end('success', {});
  }

  record(failed: boolean, slow: boolean): void {
    const { breaker } = this;
    if (failed) this.failures++;
    else {
      this.successes++;
      breaker.consecutiveFailures = 0;
    }
    const { rule } = this;
    const reason = rule.record(failed, slow, rule.isTimeless === true ? 0 : breaker.settings.age.quickNow());
    if (reason !== undefined) this.#trip(reason, failed, slow);
  }

  /** Share of failures, and of slow calls: of what the trip rule looks at, else of the closed period. */
  rates(): { readonly failureRate: number; readonly slowRate: number } {
    const { successes, failures, rule } = this;
    const stats = rule.stats?.(this.breaker.ageNow()) ?? { calls: successes + failures, failures, slow: 0 };
    if (stats.calls === 0) return { failureRate: 0, slowRate: 0 };
    return { failureRate: stats.failures / stats.calls, slowRate: stats.slow / stats.calls };
  }

  /** Before it trips, it looks at the wall clock as well: after frozen time, old outcomes have left the window. */
  #trip(given: string, failed: boolean, slow: boolean): void {
    const { breaker, rule } = this;
    const reason = rule.redate === undefined ? given : rule.redate(failed, slow, breaker.ageNow());
    if (reason === undefined) return;
    const known = knownReason(reason);
    breaker.open(known, rule.isSlow === true, known === 'trip_rule' ? reason : undefined);
  }

  /** When it began, nobody watched single attempts: an event has no duration, and no call. */
  #end(outcome: Outcome, result: { value?: unknown; error?: unknown }): void {
    const { breaker } = this;
    if (breaker.record(this, outcome, result.error, false) === 'late') breaker.emit('late', () => result);
  }
}

/** Calls are rejected until the open time has passed. No timer: the first call that finds it over goes on. */
export class Open implements State {
  readonly kind = 'open';
  /** Milliseconds until the next probe, when it last rejected an attempt. */
  rejectedForMs = 0;

  /**
   * @param openedAtMs - By the time that states age by.
   * @param openTimeMs - How long the circuit stays open.
   * @param spread - The point of the jitter that this opening drew, from -1 to 1.
   */
  constructor(
    protected readonly breaker: Breaker,
    readonly openedAtMs: number,
    public openTimeMs: number,
    readonly spread: number,
  ) {}

  get untilMs(): number {
    return this.openedAtMs + this.openTimeMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.untilMs;
  }

  /** Takes over another open time, which an operator configured. */
  reschedule(openTimeMs: number): void {
    this.openTimeMs = openTimeMs;
  }

  admit(call?: Call): Permit | undefined {
    if (!this.passes()) return undefined;
    const { breaker } = this;
    breaker.halfOpen();
    // Not necessarily half open: a listener may have reset or tripped the breaker meanwhile.
    return breaker.current === this ? undefined : breaker.current.admit(call);
  }

  record(): void {
    // It admits nothing, so nothing of it comes back.
  }

  /** Whether the open time is over. */
  protected passes(): boolean {
    const leftMs = this.untilMs - this.breaker.ageNow();
    if (leftMs > 0) this.rejectedForMs = leftMs;
    return leftMs <= 0;
  }
}

/** By its kind: it may be of another copy of the package. */
export function isOpen(state: State): state is Open {
  return state.kind === 'open';
}

/** A few calls, the probes, try whether the dependency is back; the others are rejected. */
export class HalfOpen implements State {
  readonly kind = 'half_open';
  /** Probes that hold a slot, and when each loses it. */
  readonly #slots = new Map<AttemptPermit, number>();
  #successes = 0;
  begun = 0;

  constructor(private readonly breaker: Breaker) {}

  admit(call?: Call): Permit | undefined {
    const { breaker } = this;
    const { halfOpen, recoveryTimeout } = breaker.options;
    const nowMs = breaker.now();
    if (this.freeSlots(nowMs) === 0) return undefined;
    const probe = new AttemptPermit(breaker, this, call);
    this.begun++;
    this.#slots.set(probe, nowMs + (halfOpen.probeTimeout ?? recoveryTimeout));
    breaker.emit('probe', () => ({ ...probe.details(), duration: 0 }));
    return probe;
  }

  /** A silent probe loses its slot: a hung one must not keep it for ever. */
  freeSlots(nowMs: number): number {
    for (const [probe, untilMs] of this.#slots) if (nowMs >= untilMs) this.#slots.delete(probe);
    return Math.max(0, this.breaker.options.halfOpen.maxCalls - this.#slots.size);
  }

  get freeAtMs(): number {
    return Math.min(...this.#slots.values());
  }

  // A result counts also after its probe has lost the slot. Otherwise a dependency whose answers take longer never recovers.
  release(probe: AttemptPermit): boolean {
    this.#slots.delete(probe);
    return true;
  }

  record(failed: boolean): void {
    const { breaker } = this;
    const { maxCalls, successThreshold = maxCalls } = breaker.options.halfOpen;
    if (failed) breaker.open('probe_failed');
    else if (++this.#successes >= successThreshold) breaker.close('probe_succeeded');
  }
}
