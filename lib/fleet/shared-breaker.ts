import type { Outcome } from '../core/outcome';
import type { Call } from '../core/call';
import type { Permit } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import { isTrip, type TransitionReason } from '../breaker/reasons';
import type { BreakerObserver, Transition } from '../breaker/observer';
import { setFleetOverride, type FleetAct } from '../breaker/override';
import { close, drawSpread, enter, HalfOpen, openAs, openTimeOf, type Override, type State } from '../breaker/states';
import { isWhole, wellFormed } from './shared-name';
import { StoreUnavailableError } from './store-unavailable-error';
import type { NewOverride } from './command';
import { FleetHalfOpen, FleetOpen, type SlotSource } from './fleet-states';
import type { CallDrivenClock } from './call-driven-clock';
import type { Apart } from './heartbeat';
import { errorText, verdictOf } from './error-text';
import { OwnVote } from './own-vote';
import { PooledCounting, type CountingOwner } from './pooled-counting';
import type { ProbeSlot } from './probe-slot';
import { ProbeSlots, type SlotsOwner } from './probe-slots';
import { FOREVER, wireMs, type Record, type RecordedOverride } from './record';
import type { Shard } from './shard';
import type { Sharing } from './sharing';
import { SharedRecord, type RecordOwner } from './shared-record';

/** How a process goes on by itself. */
const ALONE: readonly TransitionReason[] = ['recovery_timeout', 'probe_succeeded', 'probe_failed'];

/** As much of a text as a store keeps for people. */
const LONGEST_TITLE = 500;

/**
 * Keeps the breaker of one process in step with the fleet's: tells the store of what happens here, and follows what is there. What the
 * record says and what the breaker does are two things: without the store the breaker goes on by itself.
 */
export class SharedBreaker implements BreakerObserver, RecordOwner, SlotSource, SlotsOwner, CountingOwner {
  readonly record: SharedRecord;
  readonly slots: ProbeSlots;
  readonly #counting: PooledCounting | undefined;
  readonly #vote: OwnVote;
  /** Whether it has gone on by itself, and must come back to what the fleet does. */
  #isApart = false;
  #isFollowing = false;
  /** As they were at the last poll. */
  #usedSoFar = 0;
  #outcomesSoFar = 0;
  #outcomeAtMs = -Infinity;
  #override: { readonly recorded: RecordedOverride; readonly own: Override } | undefined;
  /** Undefined when it has left. */
  #stopObserving: (() => void) | undefined;

  constructor(
    id: string,
    readonly breaker: Breaker,
    shard: Shard,
    private readonly sharing: Sharing,
  ) {
    this.record = new SharedRecord(id, shard, this, sharing);
    this.slots = new ProbeSlots(breaker, this.record, this, sharing);
    this.#vote = new OwnVote(breaker, this.record, this, sharing);
    if (sharing.options.share === 'counters') this.#counting = new PooledCounting(breaker, this.record, this, sharing);
    const ends = [breaker.observe(this)];
    if (sharing.callDriven !== undefined) ends.push(breaker.observe(drivenBy(sharing.callDriven)));
    this.#stopObserving = () => {
      for (const end of ends) end();
    };
  }

  // What its record, its slots and its vote need to know

  /** Whether the fleet decides. */
  get governs(): boolean {
    return this.record.isUsable && !this.sharing.isStopped;
  }

  get title(): string | undefined {
    const { name: operation, key } = this.breaker;
    return isWhole(this.record.id) ? undefined : wellFormed(key === undefined ? operation : `${operation} (${key})`).slice(0, LONGEST_TITLE);
  }

  /** The length of an opening after so many, with its chance. */
  openTimeMs(reopenings: number): number {
    const { options, settings } = this.breaker;
    return wireMs(openTimeOf(options, reopenings, drawSpread(settings)));
  }

  lastError(): string | undefined {
    return errorText(this.breaker.lastError);
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
    this.#vote.entered(isTrip(reason));
  }

  failed(): void {
    this.#counting?.failed();
  }

  async carryOut(act: FleetAct): Promise<void> {
    const reduced = await this.record.update(() => (act.kind === 'clear' ? { kind: 'force', act: 'clear' } : { kind: 'force', act: 'override', override: overrideOf(act) }));
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
    // Who is called while the circuit lets nothing through takes part as before.
    const isHeldBack = isOther && this.breaker.current.kind !== 'closed' && this.takesPart;
    if (outcomes !== this.#outcomesSoFar || isHeldBack) this.#outcomeAtMs = this.sharing.clock.now();
    this.#usedSoFar = used;
    this.#outcomesSoFar = outcomes;
    return isOther;
  }

  /** Whether it had an outcome within its last open time, as far as was noticed. */
  get takesPart(): boolean {
    return this.sharing.clock.now() - this.#outcomeAtMs <= this.breaker.options.recoveryTimeout;
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
      this.#vote.keep(true);
      this.#counting?.poll();
    }
    // It goes on by itself until there is a slot.
    if (this.isHopeless) this.ask();
  }

  /** Does no more than a breaker of one process. */
  leave(): void {
    this.slots.giveBack();
    this.#counting?.stop();
    this.#vote.leave();
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
    this.#vote.keep();
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
    return leases.some(({ slot }) => slot.startsWith(`${this.sharing.writer}:`));
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
}

/** Begins and ends of attempts are times at which work can be done. */
function drivenBy(clock: CallDrivenClock): BreakerObserver {
  const drive = (): void => {
    clock.runOverdue();
  };
  return { began: drive, success: drive, failure: drive, reject: drive };
}

function overrideOf({ kind, forMs, reason }: Exclude<FleetAct, { kind: 'clear' }>): NewOverride {
  return { kind, lasts: wireMs(forMs), ...(reason !== undefined && { reason: wellFormed(reason) }) };
}
