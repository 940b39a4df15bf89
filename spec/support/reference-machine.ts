import type {
  Counters,
  Outcome,
  Period,
  Recorded,
  ReferenceClock,
  ReferenceEvent,
  ReferenceOptions,
  ReferencePermit,
  ReferenceWindow,
  State,
} from './reference-types';

/** The library's granularity: a time window is ten buckets, laid out from the clock's origin, that leave one by one. */
const BUCKETS = 10;

/**
 * The state machine of the design, written the slow and obvious way: it keeps every outcome, period and permit since
 * the last reset and works each decision out anew from those lists. It shares no code with the library, so a fault has
 * to be made twice, in two different forms, to go unseen.
 *
 * Each decision stands in a protected method of its own: a seeded fault is a subclass that gets one of them wrong.
 */
export class ReferenceMachine {
  readonly events: ReferenceEvent[] = [];
  protected periods: Period[];
  protected outcomes: Recorded[] = [];
  protected permits: ReferencePermit[] = [];
  protected counters: Counters = { late: 0, rejected: 0, opens: 0 };
  /** Outcomes before this one have left the window for good: `configure` or `restore` did not carry them over. */
  protected windowStart = 0;

  constructor(
    public options: ReferenceOptions,
    protected readonly clock: ReferenceClock,
  ) {
    this.periods = [{ state: 'closed', since: clock.age(), firstOutcome: 0, openTime: 0 }];
  }

  // Admission

  protected admits(): boolean {
    if (this.current.state === 'open' && this.recovered()) this.enter('half_open');
    if (this.current.state === 'half_open') return this.slotsTaken() < this.maxCalls;
    return this.current.state === 'closed';
  }

  protected recovered(): boolean {
    return this.clock.age() >= this.current.since + this.current.openTime;
  }

  protected slotsTaken(): number {
    return this.permits.filter((permit) => this.holdsSlot(permit)).length;
  }

  protected holdsSlot(permit: ReferencePermit): boolean {
    return permit.isProbe && permit.period === this.current && !permit.settled && !this.timedOut(permit);
  }

  protected timedOut({ expires }: ReferencePermit): boolean {
    return this.clock.now() >= expires;
  }

  protected isLate(permit: ReferencePermit): boolean {
    return permit.period !== this.current;
  }

  protected probeTimeout(): number {
    return this.options.halfOpen?.probeTimeout ?? this.options.recoveryTimeout ?? 60_000;
  }

  protected give(standing: ReferencePermit['standing']): ReferencePermit {
    const isProbe = standing === 'counted' && this.current.state === 'half_open';
    const since = this.clock.now();
    const expires = isProbe ? since + this.probeTimeout() : Infinity;
    const permit: ReferencePermit = { period: this.current, since, isProbe, expires, standing, settled: false };
    this.permits.push(permit);
    if (isProbe) this.emit('probe', { duration: 0 });
    return permit;
  }

  // Recording

  protected record(permit: ReferencePermit, given: Outcome, thrown: Error): void {
    const at = this.clock.age();
    const slow = given !== 'ignored' && this.isSlow(this.clock.now() - permit.since);
    const isTooSlow = given === 'success' && slow && permit.isProbe && this.openedBySlowness();
    const outcome = isTooSlow ? 'failure' : given;
    const error = isTooSlow ? undefined : thrown;
    this.outcomes.push({ outcome, at, slow, probe: permit.isProbe, error });
    if (this.current.state === 'half_open') this.judgeProbe(outcome);
    else if (this.trips(outcome)) this.open(this.slowRateTrips());
    this.tell(permit, outcome, error);
  }

  /** A slow probe does not close what slowness opened. */
  protected openedBySlowness(): boolean {
    return this.lastOpen.bySlowness === true;
  }

  private slowRateTrips(): boolean {
    return this.reaches(this.slowRate(), this.options.window?.slowCallRate ?? Infinity);
  }

  protected judgeProbe(outcome: Outcome): void {
    if (outcome === 'failure') this.open(this.lastOpen.bySlowness);
    if (outcome === 'success' && this.closes()) this.enter('closed');
  }

  protected closes(): boolean {
    const probes = this.outcomes.slice(this.current.firstOutcome);
    return count(probes, 'success') >= (this.options.halfOpen?.successThreshold ?? this.maxCalls);
  }

  protected trips(outcome: Outcome): boolean {
    if (outcome === 'ignored') return false;
    const { window, failureThreshold = 5 } = this.options;
    return window ? this.rateTrips(window) : outcome === 'failure' && this.countTrips(failureThreshold);
  }

  protected countTrips(failureThreshold: number): boolean {
    return this.failureCount >= failureThreshold;
  }

  protected rateTrips({ failureRate = 0.5, slowCallRate = Infinity, ...window }: ReferenceWindow): boolean {
    if (this.held().length < this.minimumCalls(window)) return false;
    return this.reaches(this.failureRate(), failureRate) || this.reaches(this.slowRate(), slowCallRate);
  }

  protected reaches(rate: number, limit: number): boolean {
    return rate >= limit;
  }

  protected minimumCalls(window: ReferenceWindow): number {
    return window.minimumCalls ?? (window.type === 'count' ? window.size : 20);
  }

  protected isSlow(duration: number): boolean {
    return duration > (this.options.window?.slowCallDuration ?? Infinity);
  }

  // Transitions

  protected open(bySlowness = false): void {
    this.counters.opens += 1;
    this.enter('open', bySlowness);
  }

  protected enter(state: State, bySlowness = false): void {
    const from = this.current.state;
    const since = this.clock.age();
    const openedAt = state === 'open' ? this.clock.wallTime() : undefined;
    this.periods.push({ state, since, firstOutcome: this.outcomes.length, openTime: 0, openedAt, bySlowness });
    if (state === 'open') this.current.openTime = this.openTime();
    this.emitTransition(from);
  }

  protected openTime(): number {
    const { recoveryTimeout = 60_000, recoveryBackoff } = this.options;
    if (recoveryBackoff === undefined || recoveryTimeout === Infinity) return recoveryTimeout;
    return Math.min(recoveryTimeout * recoveryBackoff.factor ** this.reopenings(), recoveryBackoff.max);
  }

  // What the decisions are worked out from

  /** Every period is an epoch of its own. */
  get epoch(): number {
    return this.periods.length;
  }

  /** Consecutive failures of the closed period, and the failed probes since. */
  get failureCount(): number {
    const sinceClose = this.outcomes.slice(this.firstCounted);
    const probes = sinceClose.filter(({ probe }) => probe);
    return this.trailingFailures(sinceClose.filter(({ probe }) => !probe)) + count(probes, 'failure');
  }

  protected trailingFailures(outcomes: Recorded[]): number {
    const decided = outcomes.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'ignored');
    return decided.length - 1 - decided.lastIndexOf('success');
  }

  protected get current(): Period {
    return this.periods.at(-1)!;
  }

  protected get lastOpen(): Period {
    return this.periods.filter(({ state }) => state === 'open').at(-1)!;
  }

  private get lastClosed(): Period {
    return this.periods.filter(({ state }) => state === 'closed').at(-1)!;
  }

  /** A close clears what was counted: the first outcome that still counts. */
  protected get firstCounted(): number {
    return this.lastClosed.firstOutcome;
  }

  protected get machineState(): State {
    return this.current.state === 'open' && this.recovered() ? 'half_open' : this.current.state;
  }

  protected get maxCalls(): number {
    return this.options.halfOpen?.maxCalls ?? 1;
  }

  /** How often the circuit opened again since it was last closed. */
  protected reopenings(): number {
    const sinceClose = this.periods.slice(this.periods.indexOf(this.lastClosed));
    return sinceClose.filter(({ state }) => state === 'open').length - 1;
  }

  /** The outcomes that rates are taken from: the window's; without one, those of the closed period. */
  protected held(): Recorded[] {
    const { window } = this.options;
    const from = Math.max(this.firstCounted, window ? this.windowStart : 0);
    const closed = this.outcomes.slice(from).filter(({ outcome, probe }) => outcome !== 'ignored' && !probe);
    if (window === undefined) return closed;
    if (window.type === 'count') return closed.slice(-window.size);
    return closed.filter(({ at }) => this.isInside(at, window.duration));
  }

  protected isInside(at: number, duration: number): boolean {
    return bucketOf(at, duration) > bucketOf(this.clock.age(), duration) - BUCKETS;
  }

  /**
   * An outcome as a window hands it on to another: a time window does so by the bucket, and all that is left of the
   * outcome's time is its bucket's middle.
   */
  protected handedOn(recorded: Recorded, window: ReferenceWindow | undefined): Recorded {
    if (window?.type !== 'time') return recorded;
    const middle = (bucketOf(recorded.at, window.duration) + 0.5) * (window.duration / BUCKETS);
    return { ...recorded, at: Math.min(middle, this.clock.age()) };
  }

  protected failureRate(): number {
    const held = this.held();
    return share(count(held, 'failure'), held.length);
  }

  protected slowRate(): number {
    const held = this.held();
    return this.options.window ? share(held.filter(({ slow }) => slow).length, held.length) : 0;
  }

  // Events

  protected tell(permit: ReferencePermit, type: Outcome | 'late', error: Error | undefined): void {
    const duration = this.clock.now() - permit.since;
    const wouldReject = permit.standing === 'would_reject' && { wouldReject: true };
    this.emit(type, { duration, ...wouldReject, ...(type === 'failure' && { error }) });
  }

  protected emitTransition(from: State): void {
    const to = this.current.state;
    if (from !== to) this.emit('transition', { from, to });
  }

  protected emit(type: string, details: object): void {
    this.events.push({ type, at: this.clock.wallTime(), ...details });
  }
}

export function count(outcomes: readonly Recorded[], kind: Outcome): number {
  return outcomes.filter(({ outcome }) => outcome === kind).length;
}

function bucketOf(at: number, duration: number): number {
  return Math.floor(at / (duration / BUCKETS));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
