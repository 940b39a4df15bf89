import { agree } from '../core/agreement';
import type { Call } from '../core/call';
import { wallTime, type Clock } from '../core/clock';
import { CircuitOpenError, ConfigurationError, withoutStack } from '../core/errors';
import { Emitter, type EventSink } from '../core/events';
import { copyOptions } from '../core/options';
import type { Outcome } from '../core/outcome';
import { Refusal, type Guard, type Permit as GuardPermit } from '../core/policy';
import { sharedKey } from '../core/shared';
import { propertyOf } from '../core/thrown';
import { BREAKER_EVENTS, type BreakerEvents, type BreakerState, type EventDetails, type Outage, type OverrideKind, type TransitionReason } from './events';
import { executeSyncThrough, executeThrough, NO_OPTIONS, readyOf, type ExecuteOptions } from './execute';
import type { Fleet } from './fleet';
import { causeOfRejections } from './last-failure';
import { breakerSettings, checkBreakerOptions, type BreakerOptions, type BreakerSettings, type ResolvedBreakerOptions } from './options';
import { about, type AttemptPermit, type Permit } from './permit';
import type { ReadyOptions } from './ready';
import { Closed, HalfOpen, isOpen, Open, type Front, type State } from './states';
import { statsJson, statsOf, type BreakerStats } from './stats';
import { tripRule } from './trip-rules';
import { witness } from './witness';

/** Marks a breaker of any copy of the package, whose class is not ours. */
const BREAKER: unique symbol = /* @__PURE__ */ sharedKey('breaker') as never;

/** What a breaker belongs to: an operation of a registry, or nothing. */
export interface BreakerHome {
  readonly name: string;
  readonly key?: string | undefined;
  readonly settings: BreakerSettings;
  readonly sink?: EventSink<BreakerEvents> | undefined;
}

/**
 * The circuit breaker of one operation, or of one key of it.
 *
 * It opens after `failureThreshold` consecutive failures (or when a `window`'s rate is reached), rejects calls for
 * `recoveryTimeout`, then lets probes decide whether it closes. It holds no timer: an idle breaker costs nothing.
 */
export class Breaker implements Guard {
  /** The operation's name; `anonymous` when none was given. */
  readonly name: string;
  /** Which of a keyed operation's breakers it is. */
  readonly key: string | undefined;
  /** @internal */
  settings: BreakerSettings;
  /** @internal */
  current: State;
  /** @internal The present closed period, or the one in which the circuit opened. */
  closed: Closed;
  /** @internal What an operator has put in front of the state. */
  front: Front | undefined = undefined;
  /** @internal Admitted attempts that have not settled. */
  inFlight = 0;
  /** @internal Grows with each state. */
  generation = 1;
  /** @internal Of the closed period, or those that opened the circuit and the failed probes since. */
  consecutiveFailures = 0;
  /** @internal How often the circuit has opened again since it was last closed. */
  reopenings = 0;
  /** @internal */
  successes = 0;
  /** @internal */
  failures = 0;
  /** @internal */
  ignored = 0;
  /** @internal */
  rejected = 0;
  /** @internal */
  late = 0;
  /** @internal */
  slow = 0;
  /** @internal */
  opens = 0;
  /** @internal Epoch milliseconds; undefined while the circuit is closed. */
  openedAt: number | undefined = undefined;
  /** @internal Since when, by the time that states age by, what had been rejected by then, and why. Undefined while the circuit is closed. */
  outage: { readonly sinceMs: number; readonly rejectedBefore: number; readonly bySlowness: boolean } | undefined = undefined;
  /** @internal What was configured for this breaker alone. */
  local: BreakerOptions | undefined = undefined;
  /** @internal The sharing of its state with other processes. */
  fleet: Fleet | undefined = undefined;
  /** @internal Whether each attempt has a permit of its own: slow calls count, `classify` asks for durations, or somebody listens to attempts. */
  isTimed = false;
  /** @internal The present state, where a value is a success whatever it is, and only counts: in most breakers, most of the time. */
  counting: Closed | undefined = undefined;
  readonly #sink: EventSink<BreakerEvents> | undefined;
  #events: Emitter<BreakerEvents> | undefined = undefined;
  // Private, for it may hold credentials: no copy and no logger comes upon it by walking the breaker.
  #lastError: unknown = undefined;
  /** The cause of rejections. Undefined until the first one after a failure, because most failures open no circuit. */
  #cause: { readonly cause: unknown } | undefined = undefined;

  /**
   * A breaker by itself, which no registry knows.
   *
   * @throws {@link ConfigurationError} that names every wrong option.
   */
  constructor(options?: BreakerOptions);
  /** @internal */
  constructor(options: undefined, home: BreakerHome);
  constructor(options: BreakerOptions = {}, { name, key, settings, sink }: BreakerHome = homeless(options)) {
    this.name = name;
    this.key = key;
    this.settings = settings;
    this.#sink = sink;
    this.current = this.closed = new Closed(this, tripRule(settings.options, this));
    this.#adapt();
    witness.current?.made(this);
  }

  /** What a caller meets now. A pure read: `half_open` as soon as `recoveryTimeout` has passed. */
  get state(): BreakerState {
    const { override } = this;
    if (override === 'forced_open') return 'open';
    return override === 'disabled' ? 'closed' : this.ownState();
  }

  /** Consecutive failures: of the closed period, or those that opened the circuit and the failed probes since. */
  get failureCount(): number {
    return this.consecutiveFailures;
  }

  /** Milliseconds until the next probe; 0 when not open; forced open: until its end, or `Infinity`. */
  get retryAfter(): number {
    const override = this.front?.active;
    if (override?.kind === 'forced_open') return override.untilMs === Infinity ? Infinity : override.untilMs - this.ageNow();
    if (override?.kind === 'disabled' || !isOpen(this.current)) return 0;
    return Math.max(0, this.current.untilMs - this.ageNow());
  }

  /** What an operator has put in front of its state. */
  get override(): OverrideKind | undefined {
    return this.front?.active?.kind;
  }

  get stats(): BreakerStats {
    return statsOf(this);
  }

  /**
   * Runs `fn` if the circuit admits it. A running `fn` is never interrupted.
   *
   * @param options - `signal`: an abort of it counts for nothing, and rejects with its reason. An abort of the call around does as well.
   * @returns `fn`'s result; rejects with {@link CircuitOpenError} without running it, with `fn`'s own error, or with
   *   {@link ConfigurationError} when it was given no function, or wrong options.
   */
  execute<T>(fn: () => T | PromiseLike<T>, options: ExecuteOptions = NO_OPTIONS): Promise<Awaited<T>> {
    return executeThrough(this, fn, options);
  }

  /**
   * Runs a synchronous `fn` if the circuit admits it.
   *
   * @throws {@link CircuitOpenError} without running it, `fn`'s own error, or {@link ConfigurationError} when it was given no function.
   */
  executeSync<T>(fn: () => T): T {
    return executeSyncThrough(this, fn);
  }

  /** Takes a permit for one attempt, to be settled by the caller. @throws {@link CircuitOpenError} */
  acquire(): Permit {
    const permit = this.#take();
    if (permit === undefined) throw this.reject();
    return permit;
  }

  /** Takes a permit for one attempt; undefined (and counted as rejected) when the circuit does not admit it. */
  tryAcquire(): Permit | undefined {
    const permit = this.#take();
    if (permit === undefined) this.reject();
    return permit;
  }

  /**
   * Resolves when a call would be admitted: at once while the circuit is closed. In `half_open`, as many go on as there are free probe
   * slots; the others wait for the circuit to close, or for a slot. One who waits keeps the process alive.
   *
   * @param options - `signal`: ends the wait, which rejects with its reason.
   */
  ready(options: ReadyOptions = NO_OPTIONS): Promise<void> {
    return readyOf(this, options);
  }

  /** Opens the circuit now; it recovers as usual. Does nothing when it is open. */
  trip(reason?: string): void {
    if (this.ownState() === 'open') return;
    this.halfOpen();
    // A listener may have tripped it meanwhile.
    if (this.ownState() !== 'open') this.open('trip', false, reason);
  }

  /** Closes the circuit and clears counts and statistics. Attempts in flight become late; overrides stay. */
  reset(): void {
    const outage = this.#outageSoFar();
    this.successes = this.failures = this.ignored = this.rejected = this.late = this.slow = this.opens = 0;
    this.close('reset', outage);
  }

  /**
   * An attempt that was under way before anybody listened to attempts was not timed: it is counted, and may emit nothing.
   *
   * @returns A function that removes the listener. A throw of the listener is contained.
   */
  on<E extends keyof BreakerEvents>(event: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    const events = (this.#events ??= new Emitter<BreakerEvents>(BREAKER_EVENTS));
    const remove = events.on(event, listener);
    this.#adapt();
    return () => {
      remove();
      this.#adapt();
    };
  }

  /** Name, key, state and statistics; of the last failure name, message, code and status alone. */
  toJSON(): object {
    const { name, key, state, stats } = this;
    return { name, ...(key !== undefined && { key }), state, stats: statsJson(stats) };
  }

  // A guard

  /** @internal */
  admit(call?: Call): GuardPermit | undefined {
    const { front } = this;
    return front === undefined ? this.current.admit(call) : front.admit(call);
  }

  /** @internal Fast path: admits without a permit object. Undefined: use {@link Breaker.admit}. */
  admitPlainly(): Closed | undefined {
    const { closed } = this;
    if (this.isTimed || this.front !== undefined || this.current !== closed) return undefined;
    this.inFlight++;
    return closed;
  }

  /** @internal */
  deny(call: Call): Refusal | Promise<GuardPermit | Refusal> {
    const later = this.front === undefined ? this.current.admitLater?.(call) : undefined;
    if (later === undefined) return new Refusal(this.reject(call));
    return later.then((permit) => permit ?? new Refusal(call.cancellation?.aborted === true ? call.cancellation.reason : this.reject(call)));
  }

  /** @internal Milliseconds until an attempt could be admitted, as far as time decides it. */
  blockedMs(): number {
    return this.override === 'shadow' ? 0 : this.retryAfter;
  }

  /** @internal Counts a rejection, and makes its error: a fresh one each time, for a shared one would show a stranger's stack. */
  reject(call?: Call): CircuitOpenError {
    this.rejected++;
    const { current, name, key, openedAt } = this;
    const isForced = this.override === 'forced_open';
    const state: 'open' | 'half_open' = !isForced && current.kind === 'half_open' ? 'half_open' : 'open';
    // The clock was read just now, to decide.
    const retryAfter = !isForced && isOpen(current) ? current.rejectedForMs : this.retryAfter;
    const { cause } = (this.#cause ??= { cause: causeOfRejections(this.#lastError) });
    const make = (): CircuitOpenError => new CircuitOpenError({ operation: name, key, state, retryAfter, openedAt, cause });
    const error = this.options.rejectionStacks ? make() : withoutStack(make);
    if (call?.watch !== undefined) call.watch.verdict.state = state;
    this.emit('reject', () => ({ state, retryAfter, ...about(call) }));
    return error;
  }

  // For its states

  /** @internal */
  get options(): ResolvedBreakerOptions {
    return this.settings.options;
  }

  /** @internal */
  get clock(): Clock {
    return this.settings.clock;
  }

  /** @internal Monotonic milliseconds, for how long attempts take. */
  now(): number {
    return this.settings.clock.now();
  }

  /** @internal The time that states age by: how long the circuit is open, what a window holds. */
  ageNow(): number {
    return this.settings.age.now();
  }

  /** @internal The state behind an override. */
  ownState(): BreakerState {
    const { current } = this;
    return isOpen(current) && current.isDue(this.ageNow()) ? 'half_open' : current.kind;
  }

  /** @internal Whether slowness opened the circuit, which then a slow probe does not close. */
  get isOpenedBySlowness(): boolean {
    return this.outage?.bySlowness === true;
  }

  /** @internal */
  get isDisabled(): boolean {
    return this.override === 'disabled';
  }

  /** @internal */
  rates(): { failureRate: number; slowRate: number } {
    return this.closed.rates();
  }

  /** @internal */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** @internal Whether anybody at the registry listens to single attempts. */
  get isWatched(): boolean {
    return this.#sink?.hot === true;
  }

  /** @internal @param error - The last failure; undefined when there is none any more. */
  rememberFailure(error: unknown): void {
    this.#lastError = error;
    this.#cause = undefined;
  }

  /**
   * @internal Records how an attempt ended which `state` admitted.
   *
   * @returns What it counted as: `late`, when its state is over; undefined while the breaker is disabled.
   */
  record(state: State | undefined, outcome: Outcome, error: unknown, slow: boolean): Outcome | 'late' | undefined {
    if (this.isDisabled) return undefined;
    if (state !== this.current) {
      this.late++;
      return 'late';
    }
    if (outcome === 'ignored') {
      this.ignored++;
      return outcome;
    }
    const failed = outcome === 'failure';
    if (slow) this.slow++;
    if (failed) {
      this.failures++;
      this.consecutiveFailures++;
      this.rememberFailure(error);
    } else this.successes++;
    state.record(failed, slow);
    if (failed) this.fleet?.failed();
    return outcome;
  }

  // Transitions: the state is committed before anybody hears of it

  /**
   * @internal
   * @param bySlowness - Whether calls were too slow then.
   * @param text - What `trip`, or a rule of the user's own, gave: events have it in place of the reason.
   */
  open(reason: TransitionReason, bySlowness = false, text?: string): void {
    if (this.current.kind === 'half_open') this.reopenings++;
    const spread = this.#drawSpread();
    const openTimeMs = this.openTimeMs(spread);
    const own = this.closed.rule.openState?.(this, openTimeMs);
    this.openAs(own ?? new Open(this, this.ageNow(), openTimeMs, spread), reason, bySlowness, text);
  }

  /** @internal Opens, or goes on with another open state. */
  openAs(state: Open, reason: TransitionReason, bySlowness: boolean, text?: string): void {
    if (this.current.kind !== 'open') {
      this.opens++;
      this.openedAt = wallTime(this.clock);
      this.outage ??= { sinceMs: this.ageNow(), rejectedBefore: this.rejected, bySlowness };
    }
    this.enter(state, reason, undefined, text);
  }

  /** @internal */
  halfOpen(): void {
    if (isOpen(this.current)) this.enter(new HalfOpen(this), 'recovery_timeout');
  }

  /** @internal */
  close(reason: TransitionReason, outage = this.#outageSoFar(), text?: string): void {
    this.consecutiveFailures = 0;
    this.reopenings = 0;
    this.openedAt = this.outage = undefined;
    this.rememberFailure(undefined);
    this.closed = new Closed(this, tripRule(this.options, this));
    this.enter(this.closed, reason, outage, text);
  }

  /** @internal Goes on as it is; attempts in flight become late. What processes share goes on: they count its probes. */
  beginGeneration(): void {
    const { current, closed } = this;
    if (current === closed) {
      this.closed = Object.assign(new Closed(this, closed.rule), { successes: closed.successes, failures: closed.failures });
      this.enter(this.closed, 'restored'); // no transition: nobody sees the reason
    } else if (current.kind === 'half_open' && this.fleet === undefined) {
      this.enter(new HalfOpen(this), 'restored');
    }
  }

  /** @internal Goes on in a state. {@link Breaker.open} and its like also keep what is remembered of an outage. */
  enter(state: State, reason: TransitionReason, outage?: Outage, text: string = reason): void {
    const from = this.current.kind;
    const to = state.kind;
    this.generation++;
    this.current = state;
    this.#adapt();
    if (from === to) return;
    witness.current?.entered(this, { from, to, reason: text });
    this.fleet?.entered(reason);
    this.emit('transition', () => ({ from, to, reason: text, ...(reason === 'trip' && { tripped: true as const }), ...(outage && { outage }) }));
  }

  /**
   * @internal How long an opening lasts: `recoveryTimeout · factor^reopenings`, at most `max` (itself at least `recoveryTimeout`), spread by ± `jitter`.
   *
   * @param spread - From -1 to 1.
   */
  openTimeMs(spread: number, reopenings = this.reopenings): number {
    const { recoveryTimeout, recoveryBackoff } = this.options;
    if (recoveryBackoff === undefined || recoveryTimeout === Infinity) return recoveryTimeout;
    const { factor, max, jitter } = recoveryBackoff;
    const cap = Math.max(max, recoveryTimeout);
    return Math.min(cap, Math.min(cap, recoveryTimeout * factor ** reopenings) * (1 + jitter * spread));
  }

  /** @internal The length of an opening after so many, with its chance. */
  drawOpenTimeMs(reopenings: number): number {
    return this.openTimeMs(this.#drawSpread(), reopenings);
  }

  // Options, overrides, events

  /** @internal Takes over new settings; state, and what the trip rule has counted, go on. */
  adopt(settings: BreakerSettings): void {
    const nowMs = this.ageNow();
    const { closed, current, options: before } = this;
    this.settings = settings;
    const changes = (name: 'failureThreshold' | 'window' | 'tripRule' | 'recoveryTimeout' | 'recoveryBackoff'): boolean =>
      !agree(before[name], settings.options[name]);
    if (changes('window') || changes('tripRule') || changes('failureThreshold')) {
      const rule = tripRule(settings.options, this);
      rule.adopt?.(closed.rule, nowMs);
      closed.rule = rule;
    }
    // An open time that has passed already stays passed.
    if ((changes('recoveryTimeout') || changes('recoveryBackoff')) && isOpen(current) && !current.isDue(nowMs)) {
      current.reschedule(this.openTimeMs(current.spread));
    }
    this.#adapt();
  }

  /** @internal */
  setFront(front: Front | undefined): void {
    this.front = front;
    this.#adapt();
  }

  /** @internal Emits an event, which is built only when somebody listens. */
  emit<E extends keyof BreakerEvents>(type: E, details: () => EventDetails<E>): void {
    const here = this.#events?.has(type) === true;
    const above = this.#sink?.has(type) === true;
    if (!here && !above) return;
    const event = {
      type,
      operation: this.name,
      ...(this.key !== undefined && { key: this.key }),
      at: wallTime(this.clock),
      ...details(),
    } as unknown as BreakerEvents[E];
    if (here) this.#events?.emit(type, event);
    if (above) this.#sink?.emit(type, event);
  }

  /** Without a call, an attempt always has a permit of its own. */
  #take(): Permit | undefined {
    return this.admit() as AttemptPermit | undefined;
  }

  #outageSoFar(): Outage | undefined {
    const { outage } = this;
    return outage && { duration: this.ageNow() - outage.sinceMs, rejected: this.rejected - outage.rejectedBefore };
  }

  #drawSpread(): number {
    return (this.options.recoveryBackoff?.jitter ?? 0) > 0 ? this.settings.random() * 2 - 1 : 0;
  }

  /** Derives what the hot path reads. */
  #adapt(): void {
    const { judge } = this.settings;
    this.isTimed = judge.timed || this.slowAfterMs !== Infinity || this.#events?.hot === true;
    this.counting = judge.value === undefined && this.current === this.closed && this.front === undefined ? this.closed : undefined;
  }

  /** @internal Milliseconds after which a call is slow. */
  get slowAfterMs(): number {
    const { window } = this.options;
    return window === undefined || 'failures' in window ? Infinity : (window.slowCallDuration ?? Infinity);
  }
}

Object.defineProperty(Breaker.prototype, BREAKER, { value: true });
Object.defineProperty(Breaker.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: inspected });

type Inspect = (value: object, options: object) => string;

/** What `console.log` and `%o` print in Node, Deno and Bun. With `showHidden`, they would show the last failure. */
function inspected(this: Breaker, depth: number, options: object, inspect: Inspect): string {
  return `Breaker ${inspect(this.toJSON(), { ...options, depth })}`;
}

/** Whether a value is a breaker, of this copy of the package or of another. */
export function isBreaker(value: unknown): value is Breaker {
  return propertyOf(value, BREAKER) !== undefined;
}

function homeless(options: BreakerOptions): BreakerHome {
  const subject = 'new Breaker';
  checkBreakerOptions(options, subject);
  const manyFor = options.key !== undefined ? 'key' : options.scope === 'instance' ? 'scope' : undefined;
  if (manyFor !== undefined) {
    const message = 'a single breaker serves all calls: protect a function or method to have several';
    throw new ConfigurationError(subject, [{ path: manyFor, message, received: options[manyFor] }]);
  }
  return { name: options.name ?? 'anonymous', settings: breakerSettings([copyOptions(options)], subject) };
}
