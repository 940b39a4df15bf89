import { agree } from '../core/agreement';
import type { AgeClock } from '../core/age-clock';
import { wallTime, type Clock } from '../core/clock';
import { Emitter, type EventSink } from '../core/events';
import { CircuitOpenError, withoutStack } from '../core/errors';
import type { Outcome } from '../core/outcome';
import { about, type Admission, type Attempt, type OwnPermit } from './admission';
import type { Circuit, EventDetails } from './circuit';
import { ClosedEpoch } from './closed-epoch';
import type { Epoch } from './epoch';
import { BREAKER_EVENTS, type BreakerEvents, type BreakerState, type Outage, type TransitionReason } from './events';
import type { Fleet } from './fleet';
import { HalfOpenEpoch } from './half-open-epoch';
import { causeOfRejections } from './last-failure';
import { isOpen, OpenEpoch } from './open-epoch';
import { breakerSettings, makeWindow, type BreakerOptions, type BreakerSettings, type ResolvedBreakerOptions } from './options';
import type { Override } from './override';
import { AttemptPermit } from './permit';
import { witness } from './witness';

/** The state machine of a breaker, with all that it counts. {@link Breaker} is its public face. */
export class Machine implements Circuit {
  epoch: Epoch;
  /** The present closed period, or the one that the circuit opened in. */
  period: ClosedEpoch;
  /** What an operator laid over this breaker: in this process, else in all that share it. */
  override: Override | undefined;
  /** Who shares its state with other processes. */
  fleet: Fleet | undefined;
  inFlight = 0;
  failureCount = 0;
  /** How often the circuit has opened again since it was last closed. */
  reopenings = 0;
  successes = 0;
  failures = 0;
  ignored = 0;
  rejected = 0;
  late = 0;
  slow = 0;
  opens = 0;
  /** Until the circuit has closed again. */
  lastError: unknown;
  /** The cause of rejections. Undefined until the first one after a failure, because most failures open no circuit. */
  #causeOfRejections: { readonly cause: unknown } | undefined;
  /** What was configured for this breaker alone. */
  local: BreakerOptions | undefined;
  /** When the circuit opened, in epoch milliseconds; undefined while it is closed. */
  openedAt: number | undefined;
  /** Since it was last closed: when and why it opened, and what had been rejected by then. Undefined while it is closed. */
  outage: { readonly sinceMs: number; readonly rejectedBefore: number; readonly bySlowness: boolean } | undefined;
  admitting: ClosedEpoch | undefined;
  counting: ClosedEpoch | undefined;
  /** Of a window that asks for the time. */
  #windowClock: AgeClock | undefined;
  #events: Emitter<BreakerEvents> | undefined;
  /** What is laid over it in all processes. */
  #fleetOverride: Override | undefined;
  #settings: BreakerSettings;

  constructor(
    readonly operation: string,
    readonly key: string | undefined,
    settings: BreakerSettings,
    private readonly sink: EventSink<BreakerEvents> | undefined,
  ) {
    this.#settings = settings;
    this.epoch = this.period = new ClosedEpoch(this, 1, makeWindow(settings.options));
    this.#adapt();
    witness.current?.made(this);
  }

  get options(): ResolvedBreakerOptions {
    return this.#settings.options;
  }

  get settings(): BreakerSettings {
    return this.#settings;
  }

  get classifies(): boolean {
    return this.options.classify !== undefined;
  }

  /** Whether anybody at the registry listens to single attempts. */
  get isWatched(): boolean {
    return this.sink?.hot === true;
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  now(): number {
    return this.#settings.clock.now();
  }

  ageNow(): number {
    return this.#settings.age.now();
  }

  windowNow(): number {
    return this.#windowClock === undefined ? 0 : this.#windowClock.quickNow();
  }

  // Admission

  /** Admits an attempt; undefined when it must be rejected. */
  admit(attempt: Attempt): Admission | undefined {
    return this.override === undefined ? this.epoch.admit(attempt) : this.permit(attempt);
  }

  /** Fast path: admits without a permit object. Undefined: use {@link admit}. */
  admitPlainly(): Admission | undefined {
    if (this.admitting !== undefined) this.inFlight++;
    return this.admitting;
  }

  /** Admits an attempt with a permit of its own. */
  permit(attempt?: Attempt): OwnPermit | undefined {
    switch (this.activeOverride()?.kind) {
      case undefined:
        this.#dropOverride();
        return this.epoch.permit(attempt);
      case 'forced_open':
        return undefined;
      case 'disabled':
        return new AttemptPermit(this, 'unrecorded', attempt);
      case 'shadow':
        return this.epoch.permit(attempt) ?? new AttemptPermit(this, 'would_reject', attempt);
    }
  }

  /** Admits an attempt that waits for a slot which others have to give; undefined when it is not to wait. */
  permitLater(attempt: Attempt): Promise<OwnPermit | undefined> | undefined {
    return this.override === undefined ? this.epoch.permitLater?.(attempt) : undefined;
  }

  /** Counts a rejection, and makes its error: a fresh one each time, for a shared one would show a stranger's stack. */
  reject(attempt?: Attempt): CircuitOpenError {
    this.rejected++;
    const { epoch } = this;
    const isForced = this.activeOverride()?.kind === 'forced_open';
    const details = {
      operation: this.operation,
      key: this.key,
      state: !isForced && epoch.state === 'half_open' ? ('half_open' as const) : ('open' as const),
      // The clock was read just now, to decide.
      retryAfter: !isForced && isOpen(epoch) ? epoch.rejectedForMs : this.retryAfter(),
      openedAt: this.openedAt,
      cause: (this.#causeOfRejections ??= { cause: causeOfRejections(this.lastError) }).cause,
    };
    const make = (): CircuitOpenError => new CircuitOpenError(details);
    const error = this.options.rejectionStacks ? make() : withoutStack(make);
    if (attempt?.watch !== undefined) attempt.watch.verdict.state = details.state;
    this.notify('reject', () => ({ state: details.state, retryAfter: details.retryAfter, ...about(attempt) }));
    return error;
  }

  // Recording

  judgeValue(value: unknown, attempt: Attempt | undefined, duration: number): Outcome {
    const judgeValue = this.#settings.judge.value;
    if (judgeValue === undefined) return 'success';
    return judgeValue({ ok: true, value, duration, signal: this.#signalOf(attempt), operation: this.operation });
  }

  judgeError(error: unknown, attempt: Attempt | undefined, duration: number): Outcome {
    const signal = this.#signalOf(attempt);
    return this.#settings.judge.error({ ok: false, error, duration, signal, operation: this.operation });
  }

  isSlow(durationMs: number): boolean {
    return durationMs > (this.options.window?.slowCallDuration ?? Infinity);
  }

  record(epoch: Epoch | undefined, outcome: Outcome, error: unknown, slow: boolean): Outcome | 'late' | undefined {
    if (this.isDisabled) return undefined;
    if (epoch !== this.epoch) {
      this.late++;
      return 'late';
    }
    if (outcome === 'ignored') {
      this.ignored++;
      return outcome;
    }
    if (slow) this.slow++;
    if (outcome === 'success') {
      this.successes++;
      epoch.countSuccess(slow);
    } else {
      this.failures++;
      this.failureCount++;
      this.rememberFailure(error);
      epoch.countFailure(slow);
      if (this.fleet !== undefined) this.fleet.failed();
    }
    return outcome;
  }

  /** @param error - The last failure; undefined when there is none any more. */
  rememberFailure(error: unknown): void {
    this.lastError = error;
    this.#causeOfRejections = undefined;
  }

  // Transitions: the state is committed before anybody is told

  /**
   * @param bySlowness - Whether calls were too slow then.
   * @param said - What `trip` was told: events say it in place of the reason.
   */
  open(reason: TransitionReason, bySlowness = false, said?: string): void {
    if (this.epoch.state === 'half_open') this.reopenings++;
    const spread = this.#drawSpread();
    this.openAs(new OpenEpoch(this, this.epoch.number + 1, this.ageNow(), this.openTimeMs(spread), spread), reason, bySlowness, said);
  }

  /** Opens, or stays open under another epoch. */
  openAs(epoch: OpenEpoch, reason: TransitionReason, bySlowness: boolean, said?: string): void {
    if (this.epoch.state !== 'open') {
      this.opens++;
      this.openedAt = wallTime(this.clock);
      this.outage ??= { sinceMs: this.ageNow(), rejectedBefore: this.rejected, bySlowness };
    }
    this.enter(epoch, reason, undefined, said);
  }

  halfOpen(): void {
    const { epoch } = this;
    if (isOpen(epoch)) {
      this.enter(new HalfOpenEpoch(this, epoch.number + 1), 'recovery_timeout');
    }
  }

  close(reason: TransitionReason, outage = this.#outageSoFar(), said?: string): void {
    this.failureCount = 0;
    this.reopenings = 0;
    this.openedAt = this.outage = undefined;
    this.rememberFailure(undefined);
    this.period = new ClosedEpoch(this, this.epoch.number + 1, makeWindow(this.options));
    this.enter(this.period, reason, outage, said);
  }

  /** Closes, and clears what was counted. Attempts in flight become late. */
  reset(): void {
    const outage = this.#outageSoFar();
    this.successes = this.failures = this.ignored = this.rejected = this.late = this.slow = this.opens = 0;
    this.close('reset', outage);
  }

  /** Goes on as it is in a new epoch: attempts in flight become late. What processes share goes on: they count its probes. */
  beginEpoch(): void {
    const { epoch, period } = this;
    if (epoch === period) {
      this.period = new ClosedEpoch(this, period.number + 1, period.window);
      Object.assign(this.period, { successes: period.successes, failures: period.failures });
      this.enter(this.period, 'restored'); // no transition: nobody sees the reason
    } else if (epoch.state === 'half_open' && this.fleet === undefined) {
      this.enter(new HalfOpenEpoch(this, epoch.number + 1), 'restored');
    }
  }

  /** Takes up a state from elsewhere. */
  restore(epoch: OpenEpoch | ClosedEpoch, override: Override | undefined, bySlowness: boolean): void {
    const before = this.activeOverride();
    this.#lay(override);
    this.outage = isOpen(epoch) ? { sinceMs: epoch.openedAtMs, rejectedBefore: this.rejected, bySlowness } : undefined;
    this.enter(epoch, 'restored');
    // Unless a listener of the transition has laid another one by now.
    if (override !== before && this.override === override) this.#announce(override);
  }

  #outageSoFar(): Outage | undefined {
    const { outage } = this;
    return outage && { duration: this.ageNow() - outage.sinceMs, rejected: this.rejected - outage.rejectedBefore };
  }

  /** Goes on in an epoch. {@link Machine.open} and its like also keep what is remembered of an outage. */
  enter(epoch: Epoch, reason: TransitionReason, outage?: Outage, said: string = reason): void {
    const from = this.epoch.state;
    const to = epoch.state;
    this.epoch = epoch;
    this.#adapt();
    if (from === to) return;
    witness.current?.entered(this, { from, to, reason: said });
    this.fleet?.entered(reason);
    this.notify('transition', () => ({ from, to, reason: said, ...(reason === 'trip' && { tripped: true as const }), ...(outage && { outage }) }));
  }

  /**
   * How long an opening lasts: `recoveryTimeout · factor^reopenings`, at most `max` or itself, spread by ± `jitter`.
   *
   * @param spread - From -1 to 1.
   */
  openTimeMs(spread: number, reopenings = this.reopenings): number {
    const { recoveryTimeout, recoveryBackoff } = this.options;
    if (recoveryBackoff === undefined || recoveryTimeout === Infinity) return recoveryTimeout;
    const { factor, max, jitter } = recoveryBackoff;
    const cap = Math.max(max, recoveryTimeout);
    const capped = Math.min(cap, recoveryTimeout * factor ** reopenings);
    return Math.min(cap, capped * (1 + jitter * spread));
  }

  /** The length of an opening after so many, with its chance. */
  drawOpenTimeMs(reopenings: number): number {
    return this.openTimeMs(this.#drawSpread(), reopenings);
  }

  #drawSpread(): number {
    return (this.options.recoveryBackoff?.jitter ?? 0) > 0 ? this.#settings.random() * 2 - 1 : 0;
  }

  // What a caller meets

  /** The machine's own state, whatever lies over it. */
  machineState(): BreakerState {
    const { epoch } = this;
    return isOpen(epoch) && epoch.isDue(this.ageNow()) ? 'half_open' : epoch.state;
  }

  state(): BreakerState {
    switch (this.activeOverride()?.kind) {
      case 'forced_open':
        return 'open';
      case 'disabled':
        return 'closed';
      default:
        return this.machineState();
    }
  }

  /** Milliseconds until the next probe; 0 when the circuit is not open. */
  retryAfter(): number {
    const override = this.activeOverride();
    if (override?.kind === 'forced_open') return override.untilMs - this.#nowUnless(override.untilMs);
    if (override?.kind === 'disabled' || !isOpen(this.epoch)) return 0;
    return Math.max(0, this.epoch.untilMs - this.ageNow());
  }

  /** Milliseconds until an attempt could be admitted, as far as time decides it. */
  blockedForMs(): number {
    return this.activeOverride()?.kind === 'shadow' ? 0 : this.retryAfter();
  }

  get isOpenedBySlowness(): boolean {
    return this.outage?.bySlowness === true;
  }

  get isDisabled(): boolean {
    return this.activeOverride()?.kind === 'disabled';
  }

  activeOverride(): Override | undefined {
    const { override } = this;
    if (override === undefined || this.#isActive(override)) return override;
    const fleets = this.#fleetOverride;
    return fleets !== undefined && this.#isActive(fleets) ? fleets : undefined;
  }

  /** Forgets an override that has ended, so that calls need not look at it again. */
  #dropOverride(): void {
    if (this.override !== undefined) this.#lay(undefined);
  }

  setOverride(override: Override | undefined): void {
    this.#lay(override);
    this.#announce(this.override);
  }

  /** Lays an override over it in all processes; one of this process's own covers it. */
  setFleetOverride(override: Override | undefined): void {
    const isCovered = this.override !== undefined && this.override !== this.#fleetOverride && this.#isActive(this.override);
    this.#fleetOverride = override;
    if (!isCovered) this.setOverride(undefined);
  }

  #lay(override: Override | undefined): void {
    const laid = override ?? this.#fleetOverride;
    this.override = laid !== undefined && this.#isActive(laid) ? laid : undefined;
    this.#adapt();
  }

  #announce(override: Override | undefined): void {
    const lasts = override === undefined ? Infinity : override.untilMs - this.#nowUnless(override.untilMs);
    this.notify('override', () => ({
      override: override?.kind,
      ...(lasts !== Infinity && { for: lasts }),
      ...(override?.reason !== undefined && { reason: override.reason }),
    }));
  }

  /** Takes over new settings, and keeps the state and what the window still holds. */
  configure(settings: BreakerSettings): void {
    const nowMs = this.ageNow();
    const before = this.options;
    this.#settings = settings;
    const changes = (name: 'window' | 'recoveryTimeout' | 'recoveryBackoff'): boolean =>
      !agree(before[name], settings.options[name]);
    if (changes('window')) {
      const content = this.period.window?.save(nowMs);
      this.period.window = makeWindow(settings.options);
      if (content !== undefined) this.period.window?.load(content, nowMs, 0);
    }
    // An open time that has passed already stays passed.
    const isOther = changes('recoveryTimeout') || changes('recoveryBackoff');
    if (isOther && isOpen(this.epoch) && !this.epoch.isDue(nowMs)) {
      this.epoch.reschedule(this.openTimeMs(this.epoch.spread));
    }
    this.#adapt();
  }

  /**
   * Replaces what was configured for this breaker alone.
   *
   * @throws {@link ConfigurationError}, and changes nothing.
   */
  configureAlone(local: BreakerOptions | undefined, subject: string): void {
    const others = this.settings.levels.filter((level) => level !== this.local);
    this.configure(breakerSettings([...others, local], subject));
    this.local = local;
  }

  // Events

  on<E extends keyof BreakerEvents>(type: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    const events = (this.#events ??= new Emitter<BreakerEvents>(BREAKER_EVENTS));
    const remove = events.on(type, listener);
    this.#adapt();
    return () => {
      remove();
      this.#adapt();
    };
  }

  notify<E extends keyof BreakerEvents>(type: E, details: () => EventDetails<E>): void {
    const here = this.#events?.has(type) === true;
    const above = this.sink?.has(type) === true;
    if (!here && !above) return;
    const event = {
      type,
      operation: this.operation,
      ...(this.key !== undefined && { key: this.key }),
      at: wallTime(this.clock),
      ...details(),
    } as unknown as BreakerEvents[E];
    if (here) this.#events?.emit(type, event);
    if (above) this.sink?.emit(type, event);
  }

  /** Derives what the hot path reads. */
  #adapt(): void {
    const { judge, options, age } = this.#settings;
    const timesAttempts = judge.timed || options.window?.slowCallDuration !== undefined;
    const present = this.epoch === this.period && this.override === undefined ? this.period : undefined;
    this.admitting = timesAttempts || this.#events?.hot === true ? undefined : present;
    this.counting = judge.value === undefined ? present : undefined;
    this.#windowClock = options.window?.type === 'time' ? age : undefined;
  }

  #isActive({ untilMs }: Override): boolean {
    return this.#nowUnless(untilMs) < untilMs;
  }

  #nowUnless(untilMs: number): number {
    return untilMs === Infinity ? 0 : this.ageNow();
  }

  #signalOf(attempt: Attempt | undefined): AbortSignal | undefined {
    return this.classifies ? attempt?.cancellation?.signal : undefined;
  }
}
