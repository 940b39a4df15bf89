import type { Call } from '../core/call';
import { wallTime } from '../core/clock';
import { hooks } from '../core/hooks';
import type { Outcome } from '../core/outcome';
import type { Permit, Refusal } from '../core/policy';
import type { Breaker } from './breaker';
import type { BreakerState, Outage, OverrideKind } from './events';
import type { BreakerSettings, ResolvedBreakerOptions } from './options';
import { AttemptPermit, PlainPermit, type BreakerPermit } from './permit';
import type { TransitionReason } from './reasons';
import { containThrow, ruleAfter, type TripRule, type TripStats } from './trip-rules';

/** A state of a circuit. Each transition makes a new one: a result that reports to a state which is over is late, and changes nothing. */
export interface State {
  readonly kind: BreakerState;
  /** @param call - Undefined when the permit is taken by hand. @returns Undefined: the attempt is rejected. */
  admit(call?: Call): Permit | undefined;
  /** Lets an attempt wait that was not admitted; undefined: it is rejected at once. */
  deny?(call: Call): Promise<Permit | Refusal> | undefined;
  /** A permit of this state has ended. @returns Whether its result counts. */
  release?(permit: AttemptPermit, outcome: Outcome): boolean;
  record(failed: boolean, slow: boolean): void;
  /** The probe slots that are taken: when each is free again at the latest, in monotonic milliseconds. */
  takenUntil?(nowMs: number): number[];
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
  /** The state that calls meet in place of the breaker's own; undefined: its own. */
  readonly state: BreakerState | undefined;
  /** Milliseconds until the next probe, in that state. */
  readonly retryAfter: number | undefined;
  admit(call?: Call): Permit | undefined;
}

/** Calls pass, and the trip rule judges their outcomes. */
export class Closed implements State {
  readonly kind = 'closed';
  /** Outcomes of this closed period. */
  successes = 0;
  failures = 0;
  readonly #breaker: Breaker;
  /** Made for the first attempt: an idle breaker has none. */
  #plain: PlainPermit | undefined;

  constructor(
    breaker: Breaker,
    public rule: TripRule,
  ) {
    this.#breaker = breaker;
  }

  /** @param startedAtMs - When the attempt began, if that was before: under the counter which the breaker has replaced. */
  admit(call?: Call, startedAtMs?: number): BreakerPermit {
    const breaker = this.#breaker;
    if (breaker.isTimed || call?.isPlain !== true) return new AttemptPermit(breaker, this, call, startedAtMs);
    breaker.inFlight++;
    return (this.#plain ??= new PlainPermit(breaker, this));
  }

  record(failed: boolean, slow: boolean): void {
    const breaker = this.#breaker;
    const { rule } = this;
    if (failed) this.failures++;
    else {
      this.successes++;
      breaker.streak = 0;
    }
    let reason: string | undefined;
    try {
      reason = rule.record(failed, slow, rule.isTimeless === true ? 0 : breaker.settings.age.quickNow());
      // Before it trips, it looks at the wall clock as well: after frozen time, old outcomes have left the window.
      if (reason !== undefined && rule.redate !== undefined) reason = rule.redate(failed, slow, breaker.ageNow());
    } catch (thrown) {
      containThrow(breaker.options, thrown);
      return;
    }
    if (reason !== undefined) open(breaker, breaker.options.tripRule === undefined ? (reason as 'failure_rate') : 'trip_rule', rule.isSlow, reason);
  }

  /** The outcomes for its rates: those that the trip rule looks at, else all of the closed period. */
  outcomes(): TripStats {
    const { successes, failures, rule } = this;
    return rule.stats?.(this.#breaker.ageNow()) ?? { calls: successes + failures, failures, slow: 0 };
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
    halfOpen(breaker);
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
  readonly #breaker: Breaker;
  /** Probes that hold a slot, and when each loses it. */
  readonly #slots = new Map<AttemptPermit, number>();
  #successes = 0;

  constructor(breaker: Breaker) {
    this.#breaker = breaker;
  }

  admit(call?: Call): Permit | undefined {
    const breaker = this.#breaker;
    const nowMs = breaker.now();
    if (this.takenUntil(nowMs).length >= breaker.options.halfOpen.maxCalls) return undefined;
    const probe = new AttemptPermit(breaker, this, call);
    this.#slots.set(probe, nowMs + breaker.settings.probeTimeout);
    breaker.promised?.shift();
    breaker.emit('probe', () => ({ ...probe.details(), duration: 0 }));
    return probe;
  }

  /** A silent probe loses its slot: a hung one must not keep it for ever. */
  takenUntil(nowMs: number): number[] {
    for (const [probe, untilMs] of this.#slots) if (nowMs >= untilMs) this.#slots.delete(probe);
    return [...this.#slots.values()];
  }

  // A result counts also after its probe has lost the slot. Otherwise a dependency whose answers take longer never recovers.
  release(probe: AttemptPermit): boolean {
    this.#slots.delete(probe);
    return true;
  }

  record(failed: boolean): void {
    const breaker = this.#breaker;
    const { maxCalls, successThreshold = maxCalls } = breaker.options.halfOpen;
    if (failed) open(breaker, 'probe_failed');
    else if (++this.#successes >= successThreshold) close(breaker, 'probe_succeeded');
  }
}

// Transitions: the state is committed before anybody hears of it

/**
 * Opens a circuit, for the time that its options and its reopenings give.
 *
 * @param bySlowness - Whether calls were too slow then.
 * @param text - What `trip`, or a rule of the user's own, gave: events have it in place of the reason.
 */
export function open(breaker: Breaker, reason: TransitionReason, bySlowness?: boolean, text?: string): void {
  const { closed, options, settings } = breaker;
  if (breaker.current.kind === 'half_open') breaker.reopenings++;
  const spread = drawSpread(settings);
  const openTimeMs = openTimeOf(options, breaker.reopenings, spread);
  let state: State | undefined;
  try {
    state = closed.rule.openState?.(breaker, openTimeMs);
  } catch (thrown) {
    containThrow(options, thrown);
  }
  openAs(breaker, state && isOpen(state) ? state : new Open(breaker, breaker.ageNow(), openTimeMs, spread), reason, bySlowness, text);
}

/** Opens a circuit, or goes on with another open state. */
export function openAs(breaker: Breaker, state: Open, reason: TransitionReason, bySlowness = false, text?: string): void {
  if (!isOpen(breaker.current)) {
    breaker.opens++;
    breaker.openedAt = wallTime(breaker.clock);
    breaker.outage ??= { sinceMs: breaker.ageNow(), rejectedBefore: breaker.rejected, bySlowness };
  }
  enter(breaker, state, reason, undefined, text);
}

export function halfOpen(breaker: Breaker): void {
  if (isOpen(breaker.current)) enter(breaker, new HalfOpen(breaker), 'recovery_timeout');
}

export function close(breaker: Breaker, reason: TransitionReason, outage = outageSoFar(breaker), text?: string): void {
  breaker.streak = breaker.reopenings = 0;
  breaker.openedAt = breaker.outage = undefined;
  breaker.rememberFailure(undefined);
  breaker.closed = new Closed(breaker, ruleAfter(breaker.closed.rule, breaker.options, breaker));
  enter(breaker, breaker.closed, reason, outage, text);
}

export function outageSoFar(breaker: Breaker): Outage | undefined {
  const { outage, rejected } = breaker;
  return outage && { duration: breaker.ageNow() - outage.sinceMs, rejected: rejected - outage.rejectedBefore };
}

/** Goes on in a state. {@link open} and {@link close} also keep what is remembered of an outage. */
export function enter(breaker: Breaker, state: State, reason: TransitionReason, outage?: Outage, text: string = reason): void {
  const from = breaker.current.kind;
  const to = state.kind;
  breaker.generation++;
  breaker.current = state;
  // A slot of an open circuit whose time is over is one of the half-open period that follows.
  if (to !== 'half_open') breaker.promised = undefined;
  breaker.wake();
  if (from === to) return;
  const transition = { from, to, reason, text };
  hooks.transition?.(breaker, transition);
  for (const observer of breaker.observers) observer.entered?.(breaker, transition);
  breaker.emit('transition', () => ({ from, to, reason: text, ...(reason === 'trip' && { tripped: true as const }), ...(outage && { outage }) }));
}

/**
 * How long an opening lasts: `recoveryTimeout · factor^reopenings`, at most `max` (itself at least `recoveryTimeout`), spread by ± `jitter`.
 *
 * @param spread - From -1 to 1.
 * @returns Milliseconds.
 */
export function openTimeOf({ recoveryTimeout, recoveryBackoff }: ResolvedBreakerOptions, reopenings: number, spread: number): number {
  if (recoveryBackoff === undefined || recoveryTimeout === Infinity) return recoveryTimeout;
  const { factor, max, jitter } = recoveryBackoff;
  const cap = Math.max(max, recoveryTimeout);
  return Math.min(cap, Math.min(cap, recoveryTimeout * factor ** reopenings) * (1 + jitter * spread));
}

/** Which point of the jitter an opening has, from -1 to 1. */
export function drawSpread({ options, random }: BreakerSettings): number {
  return options.recoveryBackoff?.jitter ? random() * 2 - 1 : 0;
}
