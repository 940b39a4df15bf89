import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { hooks } from '../core/hooks';
import { keyed, Observers, type EventSink } from '../core/observers';
import { Refusal, type Guard, type Permit as GuardPermit } from '../core/policy';
import { BREAKER_EVENTS, type BreakerEvents, type BreakerState, type EventDetails, type OverrideKind } from './events';
import { executeSyncThrough, executeThrough, NO_OPTIONS, type ExecuteOptions } from './execute';
import { settingsAlone, type BreakerHome, type BreakerOptions, type BreakerSettings, type ResolvedBreakerOptions } from './options';
import { emitTo, markBreakers, type BreakerObserver, type BreakerObservers } from './observer';
import type { Permit } from './permit';
import { whenReady, type ReadyOptions } from './ready';
import { causeOfRejections, reject } from './rejection';
import { close, Closed, halfOpen, isOpen, open, outageSoFar, type Front, type State } from './states';
import { statsJson, statsOf, type BreakerStats } from './stats';
import { tripRule } from './trip-rules';

/** One for all, for each attempt with a permit of its own looks at them. */
const NO_OBSERVERS: readonly BreakerObserver[] = [];

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
  /** @internal */ settings: BreakerSettings;
  /** @internal */ current: State;
  /** @internal The present closed period, or the one in which the circuit opened. */
  closed: Closed;
  /** @internal What an operator has put in front of the state. */
  front: Front | undefined = undefined;
  /** @internal Admitted attempts that have not settled. */
  inFlight = 0;
  /** @internal Grows with each state. */
  generation = 1;
  /** @internal Consecutive failures: of the closed period, or those that opened the circuit and the failed probes since. */
  streak = 0;
  /** @internal How often the circuit has opened again since it was last closed. */
  reopenings = 0;
  /** @internal */ successes = 0;
  /** @internal */ failures = 0;
  /** @internal */ ignored = 0;
  /** @internal */ rejected = 0;
  /** @internal */ late = 0;
  /** @internal */ slow = 0;
  /** @internal */ opens = 0;
  /** @internal Epoch milliseconds; undefined while the circuit is closed. */
  openedAt: number | undefined = undefined;
  /** @internal Since when, by the time that states age by, what had been rejected by then, and why. Undefined while the circuit is closed. */
  outage: { readonly sinceMs: number; readonly rejectedBefore: number; readonly bySlowness: boolean } | undefined = undefined;
  /** @internal What was configured for this breaker alone. */
  local: BreakerOptions | undefined = undefined;
  /** @internal Those who wait in {@link Breaker.ready}. */
  waiters: Set<() => void> | undefined = undefined;
  /** @internal Probe slots that are promised to waiters who have gone on: until when, in monotonic milliseconds. */
  promised: number[] | undefined = undefined;
  /** @internal Whether its operation has it no more: calls go to another one. */
  isDropped = false;
  /** @internal Its own observers; undefined while it has none. */
  events: BreakerObservers | undefined = undefined;
  readonly #sink: EventSink<BreakerEvents> | undefined;
  // Private, for it may hold credentials: no copy and no logger comes upon it by walking the breaker.
  #lastError: unknown;
  /** Undefined until the first rejection after a failure, because most failures open no circuit. */
  #cause: { readonly cause: unknown } | undefined;

  /**
   * A breaker by itself, which no registry knows.
   *
   * @throws {@link ConfigurationError} that names every wrong option.
   */
  constructor(options?: BreakerOptions);
  /** @internal */
  constructor(options: undefined, home: BreakerHome);
  constructor(options: BreakerOptions = {}, { name, key, settings, sink }: BreakerHome = settingsAlone(options)) {
    this.name = name;
    this.key = key;
    this.settings = settings;
    this.#sink = sink;
    this.current = this.closed = new Closed(this, tripRule(settings.options, this));
    hooks.breakerMade?.(this);
  }

  /** The state that the next call meets: `half_open` as soon as `recoveryTimeout` has passed. Reading it changes nothing. */
  get state(): BreakerState {
    return this.front?.state ?? this.ownState();
  }

  /** Consecutive failures: of the closed period, or those that opened the circuit and the failed probes since. */
  get failureCount(): number {
    return this.streak;
  }

  /** Milliseconds until the next probe; 0 when not open; forced open: until its end, or `Infinity`. */
  get retryAfter(): number {
    const { current, front } = this;
    return front?.retryAfter ?? (isOpen(current) ? Math.max(0, current.untilMs - this.ageNow()) : 0);
  }

  /** The operator's override in force; undefined without one. */
  get override(): OverrideKind | undefined {
    return this.front?.active?.kind;
  }

  get stats(): BreakerStats {
    return statsOf(this, this.closed.outcomes());
  }

  /**
   * Runs `fn` if the circuit admits it. A running `fn` is never interrupted.
   *
   * @param options - `signal`: an abort of it counts for nothing, and rejects with its reason. An abort of the call around does as well.
   * @returns `fn`'s result; rejects with {@link CircuitOpenError} without running it, with `fn`'s own error, or with
   *   {@link ConfigurationError} when it was given no function, or wrong options.
   */
  execute<T>(fn: () => T | PromiseLike<T>, options: ExecuteOptions = NO_OPTIONS): Promise<Awaited<T>> {
    return executeThrough(this, fn, options) as Promise<Awaited<T>>;
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
    const permit = this.admit();
    if (permit === undefined) throw reject(this);
    // Without a call, an attempt always has a permit of its own.
    return permit as Permit;
  }

  /** Takes a permit for one attempt; undefined (and counted as rejected) when the circuit does not admit it. */
  tryAcquire(): Permit | undefined {
    const permit = this.admit();
    if (permit === undefined) reject(this);
    return permit as Permit | undefined;
  }

  /**
   * Resolves when a call would be admitted: at once while the circuit is closed. In `half_open`, as many go on as there are free probe
   * slots; the others wait for the circuit to close, or for a slot. One who waits keeps the process alive.
   *
   * @param options - `signal`: ends the wait, which rejects with its reason.
   */
  ready(options: ReadyOptions = NO_OPTIONS): Promise<void> {
    return whenReady(this, options);
  }

  /** Opens the circuit now; it recovers as usual. Does nothing when it is open. */
  trip(reason?: string): void {
    if (this.ownState() === 'open') return;
    halfOpen(this);
    // A listener may have tripped it meanwhile.
    if (this.ownState() !== 'open') open(this, 'trip', false, reason);
  }

  /** Closes the circuit and clears counts and statistics. Attempts in flight become late; overrides stay. */
  reset(): void {
    const outage = outageSoFar(this);
    this.successes = this.failures = this.ignored = this.rejected = this.late = this.slow = this.opens = 0;
    close(this, 'reset', outage);
  }

  /**
   * An attempt that was under way before anybody listened to attempts was not timed: it is counted, and may emit nothing.
   *
   * @returns A function that removes the listener. A throw of the listener is contained.
   */
  on<E extends keyof BreakerEvents>(event: E, listener: (event: BreakerEvents[E]) => unknown): () => void {
    return this.#listeners.on(event, listener);
  }

  /** Adds an observer: each of its methods is a listener of the events of that name. @returns A function that removes it. */
  observe(observer: BreakerObserver): () => void {
    return this.#listeners.observe(observer);
  }

  /** Name, key, state and statistics; of the last failure name, message, code and status alone. */
  toJSON(): object {
    const { name, key, state, stats } = this;
    return { name, ...keyed(key), state, stats: statsJson(stats) };
  }

  // A guard, and what its operation counts with

  /** @internal */
  get single(): this {
    return this;
  }

  /** @internal */
  admit(call?: Call): GuardPermit | undefined {
    return (this.front ?? this.current).admit(call);
  }

  /** @internal @param mayWait - A synchronous call cannot wait for a probe slot: the next one has it. */
  deny(call: Call, _self?: unknown, _args?: unknown, mayWait = true): Refusal | Promise<GuardPermit | Refusal> {
    const later = this.front === undefined && mayWait ? this.current.deny?.(call) : undefined;
    return later ?? new Refusal(reject(this, call));
  }

  /** @internal Milliseconds until an attempt could be admitted, as far as time decides it. */
  blockedMs(): number {
    return this.override === 'shadow' ? 0 : this.retryAfter;
  }

  // For its states

  /** @internal Whether each attempt has a permit of its own: its options ask for durations, or somebody listens to attempts. */
  get isTimed(): boolean {
    return this.settings.isTimed || this.events?.hot === true;
  }

  /** @internal */
  get options(): ResolvedBreakerOptions {
    return this.settings.options;
  }

  /** @internal */
  get clock(): Clock {
    return this.settings.clock;
  }

  /** @internal */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** @internal The cause of rejections. */
  get cause(): unknown {
    return (this.#cause ??= { cause: causeOfRejections(this.#lastError) }).cause;
  }

  /** @internal */
  get observers(): readonly BreakerObserver[] {
    return this.events?.all ?? NO_OBSERVERS;
  }

  /** @internal Whether anybody at the registry listens to single attempts. */
  get isWatched(): boolean {
    return this.#sink?.hot === true;
  }

  /** @internal Monotonic milliseconds, for how long attempts take. */
  now(): number {
    return this.clock.now();
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

  /** @internal @param error - The last failure; undefined when there is none any more. */
  rememberFailure(error: unknown): void {
    this.#lastError = error;
    this.#cause = undefined;
  }

  /** @internal Lets those who wait ask again: its state, its override, its options or its free slots have changed. */
  wake(): void {
    if (this.waiters !== undefined) for (const ask of [...this.waiters]) ask();
  }

  /** @internal Emits an event, which is built only when somebody listens. */
  emit<E extends keyof BreakerEvents>(type: E, details: () => EventDetails<E>): void {
    emitTo([this.events, this.#sink], type, this, details);
  }

  get #listeners(): BreakerObservers {
    return (this.events ??= new Observers(BREAKER_EVENTS));
  }
}

markBreakers(Breaker.prototype);
