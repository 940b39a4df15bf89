import type { Clock } from '../core/clock';
import { CircuitOpenError } from '../breaker/circuit-open-error';
import type { Outcome } from '../core/outcome';
import { warnOnce } from '../core/warn';
import type { Call } from '../core/call';
import type { Permit } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import { isTrip, type TransitionReason } from '../breaker/reasons';
import type { BreakerObserver, Transition } from '../breaker/observer';

import { setFleetOverride, type FleetAct } from '../breaker/override';
import { close, drawSpread, enter, HalfOpen, isOpen, openAs, openTimeOf, type State } from '../breaker/states';

import { FleetHalfOpen, FleetOpen, type SlotSource } from './fleet-states';
import { LastConfirmed } from './last-confirmed';
import type { ResolvedShareOptions } from './options';
import { PooledReport } from './pooled-report';
import type { ProbeSlot } from './probe-slot';
import { ProbeSlots, type SlotsOwner } from './probe-slots';
import { settingsText } from './settings-text';
import { isWhole, wellFormed } from './shared-name';
import { FOREVER, isRecordError, type Answer, type Command, type Limits, type SharedRecordError } from './shared-store';
import type { StoreLink, Wish } from './store-link';
import { StoreUnavailableError } from './store-unavailable-error';
import { Timer } from './timer';

/** What a shared breaker has in common with the others of its registry. */
export interface Sharing {
  readonly link: StoreLink;
  readonly options: ResolvedShareOptions;
  readonly process: string;
  readonly clock: Clock;
  readonly isStopped: boolean;
  /** Told when the record of a breaker cannot be used, or can again. */
  recordChanged(breaker: SharedBreaker, health: 'up' | 'down', error: unknown): void;
}

/** How a process goes on by itself. */
const ALONE: readonly TransitionReason[] = ['recovery_timeout', 'probe_succeeded', 'probe_failed'];

/** The least time between two reports of one breaker, in milliseconds. */
const REPORT_GAP_MS = 50;

/** As much of a name as a store keeps for people, where the name of the record is a hash. */
const LONGEST_NAME = 500;

/**
 * Keeps the breaker of one process in step with the fleet's: tells the store of what happens here, and follows what it answers. What the
 * store has confirmed and what the breaker does are two things: without the store the breaker goes on by itself.
 */
export class SharedBreaker implements BreakerObserver, SlotSource, SlotsOwner {
  readonly #confirmed = new LastConfirmed();
  readonly #slots: ProbeSlots;
  readonly #report: PooledReport;
  readonly #reportGap: Timer;
  /** Of which a command is under way. */
  readonly #busy = new Set<'get' | 'vote' | 'report'>();
  /** The newest epoch that was heard of since a `get` was sent, which may have been answered before that. */
  #heardMeanwhile = 0;
  /** The last open state that its own counts led to. */
  #tripped: State | undefined;
  /** Whether it has gone on by itself, and must come back to what is confirmed. */
  #isApart = false;
  #isFollowing = false;
  #hasRecord = true;
  #usedSoFar = 0;
  /** Undefined when it has left. */
  #stopObserving: (() => void) | undefined;

  constructor(
    readonly id: string,
    readonly breaker: Breaker,
    private readonly sharing: Sharing,
  ) {
    this.#slots = new ProbeSlots(this);
    this.#report = new PooledReport(breaker);
    this.#reportGap = new Timer(sharing.clock);
    this.#stopObserving = breaker.observe(this);
  }

  get probesHeld(): number {
    return this.#slots.held;
  }

  // What its slots need to know

  get clock(): Clock {
    return this.sharing.clock;
  }

  get governs(): boolean {
    return this.sharing.link.isUp && this.#hasRecord && !this.sharing.isStopped;
  }

  get process(): string {
    return this.sharing.process;
  }

  get lease(): number {
    return this.sharing.options.lease;
  }

  get probeWait(): number {
    return this.sharing.options.probeWait;
  }

  get probeTimeout(): number {
    return this.breaker.settings.probeTimeout;
  }

  get probes(): number {
    return this.sharing.options.probes ?? this.breaker.options.halfOpen.maxCalls;
  }

  get successes(): number {
    return this.breaker.options.halfOpen.successThreshold ?? this.probes;
  }

  openFor(): number {
    return wireMs(this.#drawOpenTimeMs(this.#confirmed.reopenings + 1));
  }

  permit(attempt: Call): Permit | undefined {
    return this.breaker.admit(attempt);
  }

  reasonOfEnd(): unknown {
    const { name: operation, key, openedAt } = this.breaker;
    return new CircuitOpenError({ operation, key, state: 'half_open', retryAfter: 0, openedAt, cause: new Error('the probe has lost its slot: the store did not renew it') });
  }

  /** The length of an opening after so many, with its chance. */
  #drawOpenTimeMs(reopenings: number): number {
    const { options, settings } = this.breaker;
    return openTimeOf(options, reopenings, drawSpread(settings));
  }

  // What its states need

  ask(): void {
    this.#slots.ask();
  }

  get isHopeless(): boolean {
    return this.#slots.isHopeless;
  }

  takeSlot(): ProbeSlot | undefined {
    return this.#slots.take();
  }

  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    return this.#slots.permitLater(attempt);
  }

  settle(slot: ProbeSlot, outcome: Outcome): void {
    this.#slots.settle(slot, outcome);
  }

  probeAlone(): void {
    const { breaker } = this;
    this.#isApart = true;
    enter(breaker, new HalfOpen(breaker), 'recovery_timeout');
  }

  decideAlone(success: boolean): void {
    const { breaker } = this;
    if (!(breaker.current instanceof FleetHalfOpen)) return;
    this.probeAlone();
    const state: State = breaker.current;
    state.record(!success, false);
  }

  // What its breaker tells

  entered(_breaker: Breaker, { reason }: Transition): void {
    if (this.#isFollowing) return;
    if (this.#confirmed.state !== 'closed' && ALONE.includes(reason)) this.#isApart = true;
    if (this.breaker.current.kind !== 'open' || !isTrip(reason)) return;
    this.#tripped = this.breaker.current;
    this.#speakUp();
  }

  failed(): void {
    const { limits } = this.#report;
    if (this.sharing.options.share === 'counters' && limits !== undefined) this.#tellCounts(limits);
  }

  async carryOut(act: FleetAct): Promise<void> {
    const answer = await this.send(act.kind === 'clear' ? { kind: 'force', act: 'clear' } : { kind: 'force', act: 'override', override: overrideOf(act) });
    if (answer?.done === true) return;
    const { name: operation } = this.breaker;
    throw new StoreUnavailableError(`${operation}: the store of the fleet is away, or did not answer in time: ${act.kind} may hold in no process`, operation);
  }

  // The store

  /** Whether something has run through it, or was rejected, since this was last asked. */
  get wasUsed(): boolean {
    const { successes, failures, ignored, rejected, late, inFlight } = this.breaker;
    const used = successes + failures + ignored + rejected + late;
    const isOther = used !== this.#usedSoFar || inFlight > 0;
    this.#usedSoFar = used;
    return isOther;
  }

  /** Whether the store has a say in what it does. */
  get isAffected(): boolean {
    return this.#usedSoFar > 0 || this.#confirmed.epoch > 0;
  }

  /** Asks for the present state, and tells that this process is alive. */
  async sync(): Promise<void> {
    // What it has to tell is answered with the state as well.
    if (this.#busy.has('get') || this.#speakUp()) return;
    this.#busy.add('get');
    const answer = await this.send({ kind: 'get', ...this.#introduction });
    this.#busy.delete('get');
    const heard = this.#heardMeanwhile;
    this.#heardMeanwhile = 0;
    if (answer === undefined || !this.governs) return;
    if (heard > this.#confirmed.epoch) void this.sync();
    this.#speakUp();
    // It goes on by itself until there is a slot.
    if (this.isHopeless) this.ask();
  }

  /** Something happened to it in another process. */
  heard(epoch: number, isOverride: boolean): void {
    if (epoch <= this.#confirmed.epoch && !isOverride) return;
    // What it asks for itself comes with the answer: that is how a prober knows that it is the one.
    if (!this.#busy.has('get') && !this.#slots.isAsking) void this.sync();
    else this.#heardMeanwhile = isOverride ? Infinity : Math.max(this.#heardMeanwhile, epoch);
  }

  /** Does no more than a breaker of one process. */
  leave(): void {
    this.#slots.giveBack();
    this.#reportGap.stop();
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    if (this.#confirmed.override !== undefined) setFleetOverride(this.breaker, undefined);
  }

  async send(wish: Wish, late?: (answer: Answer) => void): Promise<Answer | undefined> {
    const { link, process, options } = this.sharing;
    const command = {
      ...wish,
      process,
      seen: this.#confirmed.seenAt(this.breaker.ageNow()),
      alive: 3 * options.pollInterval,
      lease: options.lease,
    } as Command;
    const reply = await link.send(this.id, command, late);
    if (reply === undefined) return undefined;
    // Who has left takes an answer, such as that a slot is renewed, and follows none.
    if (this.#stopObserving !== undefined) this.#heed(reply, wish.kind === 'acquire');
    if (wish.kind === 'acquire' && this.#heardMeanwhile > this.#confirmed.epoch && !this.#busy.has('get')) void this.sync();
    return isRecordError(reply) ? undefined : reply;
  }

  #heed(reply: Answer | SharedRecordError, isAcquiring: boolean): void {
    this.#noteRecord(reply);
    if (isRecordError(reply)) return;
    this.#follow(reply, isAcquiring && reply.done);
    if (reply.settings !== undefined) this.#tellDifference(reply.settings);
  }

  get #introduction(): { settings: string; name?: string } {
    const { id, breaker, sharing } = this;
    const settings = settingsText(breaker.settings, sharing.options);
    return isWhole(id) ? { settings } : { settings, name: wellFormed(this.#title).slice(0, LONGEST_NAME) };
  }

  /** The breaker's name, for people. */
  get #title(): string {
    const { name: operation, key } = this.breaker;
    return key === undefined ? operation : `${operation} (${key})`;
  }

  /** Tells the store what this process has come to by itself. @returns Whether there is something to tell. */
  #speakUp(): boolean {
    const { limits } = this.#report;
    return this.sharing.options.share === 'counters' && limits !== undefined ? this.#tellCounts(limits) : this.#vote();
  }

  /**
   * Votes as long as it is open by itself: once more with each poll, for a store may lose votes, and those who count as alive may become fewer.
   *
   * @returns Whether it does.
   */
  #vote(): boolean {
    const { current: epoch } = this.breaker;
    if (epoch !== this.#tripped || !isOpen(epoch) || epoch.isDue(this.breaker.ageNow())) return false;
    if (this.#busy.has('vote') || !this.governs || this.#confirmed.state !== 'closed') return false;
    this.#busy.add('vote');
    const { quorum } = this.sharing.options;
    const lasts = wireMs(epoch.untilMs - this.breaker.ageNow());
    const epochBefore = this.#confirmed.epoch;
    void this.send({ kind: 'vote', lasts, openFor: wireMs(epoch.openTimeMs), quorum }).then((answer) => {
      this.#busy.delete('vote');
      // For another epoch than that of the fleet it did not count; now we know that.
      if (answer?.done === false && answer.epoch > epochBefore) this.#vote();
    });
    return true;
  }

  /** @returns Whether it does. */
  #tellCounts(limits: Limits): boolean {
    if (this.#busy.has('report') || this.#reportGap.isRunning || !this.governs || this.#confirmed.state !== 'closed') return false;
    const { counts } = this.#report;
    if (counts === undefined) return false;
    this.#busy.add('report');
    this.#report.rebase();
    this.#reportGap.start(REPORT_GAP_MS, () => {
      // Successes alone are in no hurry.
      if ((this.#report.counts?.failures ?? 0) > 0) this.failed();
    });
    void this.send({ kind: 'report', counts, limits, openFor: wireMs(this.#drawOpenTimeMs(0)), ...this.#introduction }).then(() => this.#busy.delete('report'));
    return true;
  }

  #noteRecord(reply: Answer | SharedRecordError): void {
    const hasRecord = !isRecordError(reply);
    if (hasRecord === this.#hasRecord) return;
    this.#hasRecord = hasRecord;
    this.sharing.recordChanged(this, hasRecord ? 'up' : 'down', hasRecord ? undefined : reply);
  }

  /** @param isProber - Whether this process has the probe slot for which the fleet is half open. */
  #follow(answer: Answer, isProber: boolean): void {
    const confirmed = this.#confirmed;
    const { override } = confirmed;
    const isOther = confirmed.take(answer, this.breaker.ageNow());
    if (isOther === undefined) return;
    if (confirmed.override !== override) setFleetOverride(this.breaker, confirmed.override);
    if (isOther) {
      this.#slots.left(answer.state === 'closed');
      this.#report.rebase();
    }
    if (isOther || (this.#isApart && !this.isHopeless)) this.#goOn(answer.reset, isProber);
  }

  #goOn(isReset: boolean, isProber: boolean): void {
    const { breaker } = this;
    const wasApart = this.#isApart;
    this.#isApart = false;
    this.#isFollowing = true;
    try {
      switch (this.#confirmed.state) {
        case 'open':
          this.#open();
          break;
        case 'half_open':
          // The opening was missed.
          if (breaker.current.kind === 'closed') this.#open();
          enter(breaker, new FleetHalfOpen(breaker, this), isProber ? 'recovery_timeout' : 'fleet');
          break;
        case 'closed':
          if (isReset) breaker.reset();
          else if (breaker.current.kind !== 'closed' && (wasApart || !this.#isOpenAlone)) close(breaker, 'fleet');
      }
    } finally {
      this.#isFollowing = false;
    }
  }

  #open(): void {
    const { breaker } = this;
    const nowMs = breaker.ageNow();
    const openTimeMs = Math.max(0, this.#confirmed.untilMs - nowMs);
    // The store does not say why the fleet opened; whether calls are slow, this process has seen itself.
    openAs(breaker, new FleetOpen(breaker, nowMs, openTimeMs, this), 'fleet', breaker.closed.rule.isSlow === true);
    breaker.reopenings = this.#confirmed.reopenings;
  }

  /** Whether it is open for reasons of its own, so that it need not close when the fleet does. */
  get #isOpenAlone(): boolean {
    const { current } = this.breaker;
    return !(current instanceof FleetOpen || current instanceof FleetHalfOpen);
  }

  #tellDifference(theirs: string): void {
    const mine = settingsText(this.breaker.settings, this.sharing.options);
    const message = `Processes that share the breaker of '${this.#title}' have different options. Here: ${mine}. In another: ${theirs}. Each goes by its own: give all the same`;
    warnOnce(this, 'BREAKER_BOX_FLEET', message);
  }
}

function overrideOf({ kind, forMs, reason }: Exclude<FleetAct, { kind: 'clear' }>) {
  return { kind, remaining: wireMs(forMs), ...(reason !== undefined && { reason: wellFormed(reason) }) };
}

/** Whole milliseconds; without end: {@link FOREVER}. */
function wireMs(ms: number): number {
  return Math.min(FOREVER, Math.max(0, Math.ceil(ms)));
}
