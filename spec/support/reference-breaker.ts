import { count, ReferenceMachine } from './reference-machine';
import type {
  LaidOver,
  Outcome,
  Override,
  Recorded,
  ReferenceOptions,
  ReferencePermit,
  ReferenceSnapshot,
  ReferenceWindow,
  State,
} from './reference-types';

/** The breaker of the design: what callers and operators do to a {@link ReferenceMachine}. */
export class ReferenceBreaker extends ReferenceMachine {
  protected laidOver: LaidOver | undefined;

  /** A new breaker of the same make, fault included, that begins with these options. */
  another(options: ReferenceOptions): ReferenceBreaker {
    return new (this.constructor as typeof ReferenceBreaker)(options, this.clock);
  }

  // What a caller reads

  get state(): State {
    if (this.override === 'forced_open') return 'open';
    return this.override === 'disabled' ? 'closed' : this.machineState;
  }

  get retryAfter(): number {
    const now = this.clock.age();
    if (this.override === 'forced_open') return this.laidOver!.until - now;
    return this.state === 'open' ? this.current.since + this.current.openTime - now : 0;
  }

  get override(): Override | undefined {
    return this.laidOver && !this.isOver(this.laidOver) ? this.laidOver.kind : undefined;
  }

  get stats() {
    return {
      calls: this.outcomes.length,
      successes: count(this.outcomes, 'success'),
      failures: count(this.outcomes, 'failure'),
      ignored: count(this.outcomes, 'ignored'),
      slow: this.outcomes.filter(({ slow }) => slow).length,
      ...this.counters,
      failureRate: this.failureRate(),
      slowRate: this.slowRate(),
      consecutiveFailures: this.failureCount,
      openedAt: this.current.state === 'closed' ? undefined : this.lastOpen.openedAt,
      lastError: this.outcomes.slice(this.firstCounted).filter(({ outcome }) => outcome === 'failure').at(-1)?.error,
    };
  }

  // What a caller does

  tryAcquire(): ReferencePermit | undefined {
    if (this.override === 'forced_open') return this.reject('open');
    if (this.override === 'disabled') return this.give('unrecorded');
    if (this.admits()) return this.give('counted');
    return this.override === 'shadow' ? this.give('would_reject') : this.reject(this.current.state);
  }

  settle(permit: ReferencePermit, outcome: Outcome, error: Error): void {
    permit.settled = true;
    if (permit.standing === 'unrecorded' || this.override === 'disabled') return;
    if (permit.standing === 'would_reject') return this.tell(permit, outcome, error);
    if (!this.isLate(permit)) return this.record(permit, outcome, error);
    this.counters.late += 1;
    this.tell(permit, 'late', error);
  }

  private reject(state: State): undefined {
    this.counters.rejected += 1;
    this.emit('reject', { state, retryAfter: this.retryAfter });
  }

  // What an operator does

  trip(): void {
    if (this.machineState === 'open') return;
    if (this.current.state === 'open') this.enter('half_open');
    this.open(this.current.state === 'half_open' && this.lastOpen.bySlowness);
  }

  reset(): void {
    this.outcomes = [];
    this.windowStart = 0;
    this.counters = { late: 0, rejected: 0, opens: 0 };
    this.enter('closed');
  }

  lay(kind: Override, lasts = Infinity): void {
    this.laidOver = { kind, until: this.clock.age() + lasts };
    this.emit('override', { override: kind, ...(lasts !== Infinity && { for: lasts }) });
  }

  clearOverride(): void {
    this.laidOver = undefined;
    this.emit('override', { override: undefined });
  }

  protected isOver({ until }: LaidOver): boolean {
    return this.clock.age() >= until;
  }

  configure(options: ReferenceOptions): void {
    const { window: before, recoveryTimeout, recoveryBackoff } = this.options;
    const held = this.held();
    this.options = { ...this.options, ...options };
    if (this.options.window !== before) this.carryOver(held, before);
    // A circuit that is still open stays open for as long as the new options say, when they say anything else about it.
    const now = { recoveryTimeout: this.options.recoveryTimeout, recoveryBackoff: this.options.recoveryBackoff };
    const isOther = JSON.stringify([String(recoveryTimeout), recoveryBackoff]) !== JSON.stringify([String(now.recoveryTimeout), now.recoveryBackoff]);
    if (isOther && this.current.state === 'open' && !this.recovered()) this.current.openTime = this.openTime();
  }

  private carryOver(held: Recorded[], window: ReferenceWindow | undefined): void {
    const carried = window?.type === this.options.window?.type ? held : [];
    this.windowStart = this.startOf(carried);
    this.outcomes = this.handOn(carried, window);
  }

  // What outlives a process

  snapshot(): ReferenceSnapshot {
    const { window } = this.options;
    const held = this.held();
    return {
      periods: this.periods.map((each) => ({ ...each })),
      outcomes: this.handOn(held, window),
      windowStart: this.startOf(held),
      windowType: window?.type,
      counters: { ...this.counters },
      override: this.override && this.laidOver,
      now: this.clock.age(),
      wallTime: this.clock.wallTime(),
    };
  }

  restore(snapshot: ReferenceSnapshot): void {
    const from = this.current.state;
    const gap = this.gapSince(snapshot);
    // What was a while ago at the snapshot is now that while and the gap ago.
    const aged = (time: number): number => this.clock.age() - (snapshot.now - time) - gap;
    this.outcomes = snapshot.outcomes.map((each) => ({ ...each, at: aged(each.at) }));
    this.windowStart = snapshot.windowType === this.options.window?.type ? snapshot.windowStart : this.outcomes.length;
    this.periods = snapshot.periods.map((each) => ({ ...each, since: aged(each.since) }));
    this.counters = { ...snapshot.counters };
    if (this.current.state === 'half_open') this.resumeOpen(gap);
    this.emitTransition(from);
    this.restoreOverride(snapshot.override && { ...snapshot.override, until: aged(snapshot.override.until) });
  }

  /** By the wall clock, for the process that took the snapshot may be gone; never negative. */
  protected gapSince({ wallTime }: ReferenceSnapshot): number {
    return Math.max(0, this.clock.wallTime() - wallTime);
  }

  /** A half-open snapshot's probes are gone: it restores as open, with its time elapsed. */
  private resumeOpen(gap: number): void {
    this.periods.pop();
    const open = this.periods.pop()!;
    this.periods.push({ ...open, since: this.clock.age() - open.openTime - gap });
  }

  private restoreOverride(override: LaidOver | undefined): void {
    if (override && !this.isOver(override)) this.lay(override.kind, override.until - this.clock.age());
    else if (this.override) this.clearOverride();
  }

  private handOn(held: Recorded[], window: ReferenceWindow | undefined): Recorded[] {
    return this.outcomes.map((each) => (held.includes(each) ? this.handedOn(each, window) : each));
  }

  private startOf(held: Recorded[]): number {
    return held.length === 0 ? this.outcomes.length : this.outcomes.indexOf(held[0]!);
  }
}
