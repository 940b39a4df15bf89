import type { Call } from '../core/call';
import type { Permit } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import { isTrip, type TransitionReason } from '../breaker/reasons';
import type { BreakerObserver, Transition } from '../breaker/observer';
import { setFleetOverride, type FleetAct } from '../breaker/override';
import { close, drawSpread, enter, HalfOpen, openAs, openTimeOf, type Override, type State } from '../breaker/states';
import type { Command } from './command';
import { errorText, verdictOf } from './error-text';
import { FleetHalfOpen, FleetOpen } from './fleet-states';
import type { Apart } from './heartbeat';
import { OwnVote } from './own-vote';
import { PooledCounting } from './pooled-counting';
import { ProbeSlots } from './probe-slots';
import { FOREVER, wireMs, type Record, type RecordedOverride } from './record';
import type { RegistrySharing } from './registry-sharing';
import type { Shard } from './shard';
import { SharedRecord } from './shared-record';
import { wellFormed } from './shared-name';
import { StoreUnavailableError } from './store';
import type { Timers } from './timer';

/** How a process goes on by itself. */
const ALONE: readonly TransitionReason[] = ['recovery_timeout', 'probe_succeeded', 'probe_failed'];

/**
 * Keeps the breaker of one process in step with the fleet's: tells the store of what happens here, and follows what is there. What the
 * record says and what the breaker does are two things: without the store the breaker goes on by itself.
 */
export class SharedBreaker implements BreakerObserver {
  readonly record: SharedRecord;
  readonly slots = new ProbeSlots(this);
  readonly #vote = new OwnVote(this);
  readonly #counting: PooledCounting | undefined;
  /** Whether it has gone on by itself, and must come back to what the fleet does. */
  #isApart = false;
  #isFollowing = false;
  /** As they were at the last poll. */
  #usedSoFar = 0;
  #outcomesSoFar = 0;
  #outcomeAtMs = -Infinity;
  #override: { readonly recorded: RecordedOverride; readonly own: Override } | undefined;
  readonly #ends: (() => void)[];
  #hasLeft = false;

  constructor(
    id: string,
    readonly breaker: Breaker,
    shard: Shard,
    readonly sharing: RegistrySharing,
  ) {
    this.record = new SharedRecord(id, shard, this);
    if (sharing.options.share === 'counters') this.#counting = new PooledCounting(this);
    this.#ends = [breaker.observe(this)];
    if (!sharing.isSubscribed) this.#ends.push(breaker.observe(driverOf(sharing.timers)));
  }

  /** Whether the fleet decides. */
  get governs(): boolean {
    return this.record.isUsable && !this.sharing.isStopped;
  }

  /** The length of an opening after so many, with its chance. */
  openTimeMs(reopenings: number): number {
    const { options, settings } = this.breaker;
    return wireMs(openTimeOf(options, reopenings, drawSpread(settings)));
  }

  get lastError(): string | undefined {
    return errorText(this.breaker.lastError);
  }

  /** Goes on as a process by itself does when an open time has passed. */
  #probeAlone(): void {
    this.#isApart = true;
    enter(this.breaker, new HalfOpen(this.breaker), 'recovery_timeout');
  }

  admitAlone(call: Call | undefined): Permit | undefined {
    const { breaker } = this;
    this.#probeAlone();
    // Not necessarily half open: a listener may have reset or tripped the breaker meanwhile.
    const { current } = breaker;
    return current instanceof FleetOpen || current instanceof FleetHalfOpen ? undefined : current.admit(call);
  }

  /** The store did not take the result of a probe. */
  decideAlone(success: boolean): void {
    const { breaker } = this;
    if (!(breaker.current instanceof FleetHalfOpen)) return;
    this.#probeAlone();
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
    const reduced = await this.record.update(() => commandOf(act));
    if (reduced?.done === true) return;
    const { name: operation } = this.breaker;
    throw new StoreUnavailableError(`${operation}: the store of the fleet is away, or did not answer in time: ${act.kind} may hold in no process`, operation);
  }

  // What the sharing asks

  /** Reads a new record now, and again with the first poll, though nobody calls: a message may have come before the subscription stood. */
  begin(): void {
    this.#usedSoFar = -1;
    this.record.shard.want(this.record);
  }

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
    this.#vote.keep(true);
    this.#counting?.poll();
    // It goes on by itself until there is a slot.
    if (this.slots.isHopeless) this.slots.ask();
  }

  /** Does no more than a breaker of one process. */
  leave(): void {
    this.slots.giveBack();
    this.#counting?.stop();
    this.#vote.leave();
    this.#hasLeft = true;
    for (const end of this.#ends) end();
    if (this.#override !== undefined) setFleetOverride(this.breaker, undefined);
  }

  // Following

  /** The record has been read or written. @param isOther - Its epoch is another one. */
  follow(record: Record, isOther: boolean): void {
    // Who has left takes an answer, such as that a slot is renewed, and follows none.
    if (this.#hasLeft) return;
    this.#followOverride(record.override);
    if (isOther) {
      this.slots.left(record.state === 'closed');
      this.#counting?.rebase();
    }
    if (isOther || (this.#isApart && !this.slots.isHopeless)) this.#goOn(record);
    this.slots.changed(record);
    this.#counting?.changed();
    this.#vote.keep();
  }

  #followOverride(recorded: RecordedOverride | undefined): void {
    const leftMs = this.record.left(recorded?.until);
    const present = leftMs > 0 ? recorded : undefined;
    const known = this.#override?.recorded;
    if (present?.kind === known?.kind && present?.reason === known?.reason && present?.until.at === known?.until.at) return;
    const untilMs = leftMs >= FOREVER ? Infinity : this.breaker.ageNow() + leftMs;
    this.#override = present && { recorded: present, own: { kind: present.kind, untilMs, reason: present.reason } };
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
          // It is this process that probes, or another one.
          enter(breaker, new FleetHalfOpen(this), record.leases.some(({ slot }) => this.sharing.isOurs(slot)) ? 'recovery_timeout' : 'fleet');
          break;
        case 'closed':
          if (record.closedBy === 'reset') breaker.reset();
          else if (breaker.current.kind !== 'closed' && (wasApart || record.closedBy === 'close' || !this.#isOpenAlone)) close(breaker, 'fleet');
      }
    } finally {
      this.#isFollowing = false;
    }
  }

  #open(record: Record): void {
    const { breaker } = this;
    // Who did not fail itself has no failure to show.
    if (breaker.current.kind === 'closed') breaker.rememberFailure(verdictOf(record));
    const openTimeMs = this.record.left(record.openUntil);
    // The record does not say why the fleet opened; whether calls are slow, this process has seen itself.
    openAs(breaker, new FleetOpen(this, openTimeMs >= FOREVER ? Infinity : openTimeMs), 'fleet', breaker.closed.rule.isSlow === true);
    breaker.reopenings = record.reopenings;
  }

  /** Whether it is open for reasons of its own, so that it need not close when the fleet does. */
  get #isOpenAlone(): boolean {
    const { current } = this.breaker;
    return !(current instanceof FleetOpen || current instanceof FleetHalfOpen);
  }
}

/** Begins and ends of attempts are times at which overdue work can be done. */
function driverOf(timers: Timers): BreakerObserver {
  const drive = (): void => {
    timers.catchUp();
  };
  return { began: drive, success: drive, failure: drive, reject: drive };
}

function commandOf(act: FleetAct): Command {
  if (act.kind === 'clear') return { kind: 'force', act: 'clear' };
  const { kind, forMs, reason } = act;
  return { kind: 'force', act: 'override', override: { kind, lasts: wireMs(forMs), ...(reason !== undefined && { reason: wellFormed(reason) }) } };
}
