import type { Clock } from '../../core/clock';
import { CircuitOpenError } from '../../breaker/circuit-open-error';
import type { Outcome } from '../../core/outcome';
import { describeThrown } from '../../core/safe-inspect';
import type { Call } from '../../core/call';
import type { Permit } from '../../core/policy';
import type { Breaker } from '../../breaker/breaker';
import { isTrip, type TransitionReason } from '../../breaker/reasons';
import type { BreakerObserver, Transition } from '../../breaker/observer';
import { setFleetOverride, type FleetAct } from '../../breaker/override';
import { close, drawSpread, enter, HalfOpen, isOpen, openAs, openTimeOf, type Override, type State } from '../../breaker/states';
import type { ResolvedShareOptions } from '../options';
import { isWhole, wellFormed } from '../shared-name';
import { StoreUnavailableError } from '../store-unavailable-error';
import type { Command, NewOverride, Reduced } from './command';
import { FleetHalfOpen, FleetOpen, type SlotSource } from './fleet-states';
import type { Apart } from './heartbeat';
import { PooledCounting } from './pooled-counting';
import type { ProbeSlot } from './probe-slot';
import { ProbeSlots, type SlotsOwner } from './probe-slots';
import { FOREVER, type Record, type RecordedOverride } from './record';
import type { Shard } from './shard';
import { SharedRecord, type RecordOwner } from './shared-record';
import type { Turns } from './turns';

/** What a shared breaker has in common with the others of its registry. */
export interface Sharing {
  readonly options: ResolvedShareOptions;
  readonly process: string;
  readonly writer: string;
  readonly clock: Clock;
  readonly requests: Turns;
  readonly isStopped: boolean;
  /** Whether messages tell of changes. */
  readonly isSubscribed: boolean;
  random(): number;
  /** Processes that had an outcome of a record lately; undefined: not known. */
  participants(id: string): Promise<number | undefined>;
  recordChanged(): void;
  /** A vote was cast. */
  voted(): void;
}

/** How a process goes on by itself. */
const ALONE: readonly TransitionReason[] = ['recovery_timeout', 'probe_succeeded', 'probe_failed'];

/** As much of a text as a store keeps for people. */
const LONGEST_TITLE = 500;
const LONGEST_TEXT = 200;

/** As many voters as a rejection names. */
const MOST_NAMED = 3;

/**
 * Keeps the breaker of one process in step with the fleet's: tells the store of what happens here, and follows what is there. What the
 * record says and what the breaker does are two things: without the store the breaker goes on by itself.
 */
export class SharedBreaker implements BreakerObserver, RecordOwner, SlotSource, SlotsOwner {
  readonly record: SharedRecord;
  readonly slots: ProbeSlots;
  readonly #counting: PooledCounting | undefined;
  #isVoting = false;
  /** The last open state that its own counts led to. */
  #tripped: State | undefined;
  /** Whether it has gone on by itself, and must come back to what the fleet does. */
  #isApart = false;
  #isFollowing = false;
  #usedSoFar = 0;
  #outcomesSoFar = 0;
  #outcomeAtMs = -Infinity;
  #override: { readonly recorded: RecordedOverride; readonly own: Override } | undefined;
  /** Undefined when it has left. */
  #stopObserving: (() => void) | undefined;

  constructor(
    readonly id: string,
    readonly breaker: Breaker,
    shard: Shard,
    private readonly sharing: Sharing,
  ) {
    this.record = new SharedRecord(id, shard, this, breaker.settings.age, sharing.clock);
    this.slots = new ProbeSlots(this);
    if (sharing.options.share === 'counters') this.#counting = new PooledCounting(this.breaker, this.record, this, sharing);
    this.#stopObserving = breaker.observe(this);
  }

  // What its record and its slots need to know

  get clock(): Clock {
    return this.sharing.clock;
  }

  get requests(): Turns {
    return this.sharing.requests;
  }

  /** Whether the fleet decides. */
  get governs(): boolean {
    return this.record.isUsable && !this.sharing.isStopped;
  }

  get process(): string {
    return this.sharing.process;
  }

  get writer(): string {
    return this.sharing.writer;
  }

  get title(): string | undefined {
    const { name: operation, key } = this.breaker;
    return isWhole(this.id) ? undefined : wellFormed(key === undefined ? operation : `${operation} (${key})`).slice(0, LONGEST_TITLE);
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
    return this.openTimeMs(this.record.seen.reopenings + 1);
  }

  /** The length of an opening after so many, with its chance. */
  openTimeMs(reopenings: number): number {
    const { options, settings } = this.breaker;
    return wireMs(openTimeOf(options, reopenings, drawSpread(settings)));
  }

  lastError(): string | undefined {
    const { lastError } = this.breaker;
    if (lastError === undefined) return undefined;
    const { name, message } = describeThrown(lastError) as { name?: string; message?: string };
    return wellFormed(`${name ?? 'Error'}: ${message ?? ''}`.slice(0, LONGEST_TEXT));
  }

  permit(attempt: Call): Permit | undefined {
    return this.breaker.admit(attempt);
  }

  refresh(): void {
    if (!this.sharing.isSubscribed) this.record.shard.want(this.record);
  }

  reasonOfEnd(): unknown {
    const { name: operation, key, openedAt } = this.breaker;
    return new CircuitOpenError({ operation, key, state: 'half_open', retryAfter: 0, openedAt, cause: new Error('the probe has lost its slot: the store did not renew it') });
  }

  async update(command: () => Command, late?: () => void, participants?: number): Promise<Reduced | undefined> {
    return this.record.update(command, participants, late);
  }

  recordChanged(): void {
    this.sharing.recordChanged();
  }

  // What its states need

  ask(): void {
    this.slots.ask();
  }

  get isHopeless(): boolean {
    return this.slots.isHopeless;
  }

  takeSlot(): ProbeSlot | undefined {
    return this.slots.take();
  }

  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    return this.slots.permitLater(attempt);
  }

  settle(slot: ProbeSlot, outcome: Outcome): void {
    this.slots.settle(slot, outcome);
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
    if (this.record.seen.state !== 'closed' && ALONE.includes(reason)) this.#isApart = true;
    if (this.breaker.current.kind === 'open' && isTrip(reason)) {
      this.#tripped = this.breaker.current;
      void this.#vote();
    } else this.#withdraw();
  }

  failed(): void {
    this.#counting?.failed();
  }

  async carryOut(act: FleetAct): Promise<void> {
    const reduced = await this.update(() => (act.kind === 'clear' ? { kind: 'force', act: 'clear' } : { kind: 'force', act: 'override', override: overrideOf(act) }));
    if (reduced?.done === true) return;
    const { name: operation } = this.breaker;
    throw new StoreUnavailableError(`${operation}: the store of the fleet is away, or did not answer in time: ${act.kind} may hold in no process`, operation);
  }

  // What the sharing asks

  /** Whether something has run through it, or was rejected, since this was last asked. */
  get wasUsed(): boolean {
    const { successes, failures, ignored, rejected, late, inFlight } = this.breaker;
    const outcomes = successes + failures;
    const used = outcomes + ignored + rejected + late;
    const isOther = used !== this.#usedSoFar || inFlight > 0;
    if (outcomes !== this.#outcomesSoFar) this.#outcomeAtMs = this.clock.now();
    this.#usedSoFar = used;
    this.#outcomesSoFar = outcomes;
    return isOther;
  }

  /** Whether it had an outcome within its last open time, as far as was noticed. */
  get takesPart(): boolean {
    return this.clock.now() - this.#outcomeAtMs <= this.breaker.options.recoveryTimeout;
  }

  /** How it is, where that is not how the fleet is. */
  get apart(): Apart | undefined {
    const { override } = this.breaker;
    if (override !== undefined) return override === this.#override?.own.kind ? undefined : override;
    const state = this.breaker.ownState();
    return state !== 'closed' && this.record.seen.state === 'closed' ? state : undefined;
  }

  /** Whether the store has a say in what it does. */
  get isAffected(): boolean {
    return this.#usedSoFar > 0 || this.record.seen.epoch > 0;
  }

  /** Reads what the fleet does, and tells what this process has come to by itself. */
  sync(): void {
    this.record.shard.want(this.record);
    if (this.record.isRead) {
      this.#speakUp();
      this.#counting?.poll();
    }
    // It goes on by itself until there is a slot.
    if (this.isHopeless) this.ask();
  }

  /** Does no more than a breaker of one process. */
  leave(): void {
    this.slots.giveBack();
    this.#counting?.stop();
    this.#tripped = undefined;
    this.#withdraw();
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    if (this.#override !== undefined) setFleetOverride(this.breaker, undefined);
  }

  // Following

  follow(record: Record, isOther: boolean): void {
    // Who has left takes an answer, such as that a slot is renewed, and follows none.
    if (this.#stopObserving === undefined) return;
    this.#followOverride(record.override);
    if (isOther) {
      this.slots.left(record.state === 'closed');
      this.#counting?.rebase();
    }
    if (isOther || (this.#isApart && !this.isHopeless)) this.#goOn(record);
    this.slots.changed(record);
    this.#counting?.changed();
    if (record.state === 'closed') this.#speakUp();
  }

  #followOverride(recorded: RecordedOverride | undefined): void {
    const leftMs = recorded === undefined ? 0 : this.record.left(recorded.until);
    const present = leftMs > 0 ? recorded : undefined;
    const known = this.#override?.recorded;
    if (present?.kind === known?.kind && present?.reason === known?.reason && present?.until.at === known?.until.at) return;
    this.#override = present && {
      recorded: present,
      own: { kind: present.kind, untilMs: leftMs >= FOREVER ? Infinity : this.breaker.ageNow() + leftMs, reason: present.reason },
    };
    setFleetOverride(this.breaker, this.#override?.own);
  }

  #goOn(record: Record): void {
    const { breaker } = this;
    const wasApart = this.#isApart;
    this.#isApart = false;
    this.#isFollowing = true;
    try {
      switch (record.state) {
        case 'open':
          this.#open(record);
          break;
        case 'half_open':
          // The opening was missed.
          if (breaker.current.kind === 'closed') this.#open(record);
          enter(breaker, new FleetHalfOpen(breaker, this), this.#probes(record) ? 'recovery_timeout' : 'fleet');
          break;
        case 'closed':
          if (record.closedBy === 'reset') breaker.reset();
          else if (breaker.current.kind !== 'closed' && (wasApart || record.closedBy === 'close' || !this.#isOpenAlone)) close(breaker, 'fleet');
      }
    } finally {
      this.#isFollowing = false;
    }
  }

  /** Whether it is this process that probes. */
  #probes({ leases }: Record): boolean {
    return leases.some(({ slot }) => slot.startsWith(`${this.writer}:`));
  }

  #open(record: Record): void {
    const { breaker } = this;
    // Who did not fail itself has no failure to show.
    if (breaker.current.kind === 'closed') breaker.rememberFailure(verdictOf(record));
    const openTimeMs = this.record.left(record.openUntil);
    // The record does not say why the fleet opened; whether calls are slow, this process has seen itself.
    openAs(breaker, new FleetOpen(breaker, breaker.ageNow(), openTimeMs >= FOREVER ? Infinity : openTimeMs, this), 'fleet', breaker.closed.rule.isSlow === true);
    breaker.reopenings = record.reopenings;
  }

  /** Whether it is open for reasons of its own, so that it need not close when the fleet does. */
  get #isOpenAlone(): boolean {
    const { current } = this.breaker;
    return !(current instanceof FleetOpen || current instanceof FleetHalfOpen);
  }

  // Telling

  #speakUp(): void {
    if (this.#isTripped) void this.#vote();
    else this.#withdraw();
  }

  /** Whether its own counts have it open. */
  get #isTripped(): boolean {
    const { current } = this.breaker;
    return current === this.#tripped && isOpen(current) && !current.isDue(this.breaker.ageNow());
  }

  /** Votes as long as it is open by itself: once more with each poll, for a store may lose votes, and those who take part may become fewer. */
  async #vote(): Promise<void> {
    const { record, breaker, sharing } = this;
    if (!this.#isTripped || this.#isVoting || !this.governs || record.seen.state !== 'closed') return;
    this.#isVoting = true;
    const participants = await sharing.participants(this.id);
    let epoch = 0;
    const reduced = await this.update(
      () => {
        ({ epoch } = record.seen);
        const lasts = this.#isTripped && isOpen(breaker.current) ? wireMs(breaker.current.untilMs - breaker.ageNow()) : 0;
        return { kind: 'vote', epoch, lasts, quorum: sharing.options.quorum, error: this.lastError() };
      },
      undefined,
      participants,
    );
    this.#isVoting = false;
    if (reduced?.done === true) sharing.voted();
    // For another epoch than that of the fleet it did not count; now we know that.
    else if (reduced !== undefined && record.seen.epoch > epoch) void this.#vote();
  }

  /** Takes back a vote: it is no longer open by itself. */
  #withdraw(): void {
    const { record, process } = this;
    const isVote = record.seen.state === 'closed' && record.present?.votes.some((vote) => vote.process === process && record.left(vote) > 0) === true;
    if (!isVote || this.#isVoting || !record.isUsable) return;
    this.#isVoting = true;
    void this.update(() => ({ kind: 'vote', epoch: record.seen.epoch, lasts: 0, quorum: this.sharing.options.quorum })).then(() => {
      this.#isVoting = false;
    });
  }
}

/** What rejections have as their cause in a process that did not fail itself: who opened the circuit, and why. */
function verdictOf({ votes }: Record): Error {
  const named = votes.slice(0, MOST_NAMED).map(({ process }) => process);
  const others = votes.length - named.length;
  const error = votes.find((vote) => vote.error !== undefined)?.error;
  const who = named.length === 0 ? '' : ` by ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  return new Error(`the fleet has opened the circuit${who}${error === undefined ? '' : `; last error: ${error}`}`);
}

function overrideOf({ kind, forMs, reason }: Exclude<FleetAct, { kind: 'clear' }>): NewOverride {
  return { kind, lasts: wireMs(forMs), ...(reason !== undefined && { reason: wellFormed(reason.slice(0, LONGEST_TEXT)) }) };
}

/** Whole milliseconds; without end: {@link FOREVER}. */
export function wireMs(ms: number): number {
  return Math.min(FOREVER, Math.max(0, Math.ceil(ms)));
}
