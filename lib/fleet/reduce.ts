import type { Command, Context, NewOverride, Quorum, Reduced } from './command';
import { pool, reaches } from './pooled-counts';
import { FOREVER, leftAt, NO_RECORD, type Deadline, type Lease, type Record, type RecordedOverride, type Vote } from './record';

/** How many votes say why: all of them would fill the record. */
const REASONS = 5;

/** The rules of a shared breaker, in the one place. Pure: processes reduce a record they have read, and write it if nobody else has meanwhile. */
export function reduce(stored: Record | undefined, command: Command, context: Context): Reduced {
  const step = new Step(context);
  const present = step.present(stored);
  const known = step.restored(present);
  const restored = known !== present && isOther(known, present);
  const { record, done, wait = 0 } = step.carryOut(known, command);
  if (record === known && !restored) return { record: stored, done, restored, wait };
  return { record: isEmpty(record) ? undefined : { ...record, title: context.title ?? record.title }, done, restored, wait };
}

interface Outcome {
  readonly record: Record;
  readonly done: boolean;
  readonly wait?: number;
}

class Step {
  readonly #now: number;

  constructor(private readonly context: Context) {
    this.#now = Math.floor(context.nowMicros / 1000);
  }

  /** The record without what has run out. */
  present(stored: Record | undefined): Record {
    // A probe of whom the store has lost track may run: none is let through before it has ended, or was told to.
    if (stored === undefined) return { ...NO_RECORD, server: this.context.server, quarantineUntil: this.#quarantine() };
    const isAhead = (deadline: Deadline) => this.#left(deadline) > 0;
    const { override } = stored;
    return {
      ...stored,
      votes: stored.state === 'closed' ? stored.votes.filter(isAhead) : stored.votes,
      leases: stored.leases.filter(isAhead),
      override: override !== undefined && isAhead(override.until) ? override : undefined,
    };
  }

  /** With what the process has seen, and the store has lost. */
  restored(record: Record): Record {
    const { seen } = this.context;
    if (seen === undefined || seen.epoch <= record.epoch) return record;
    const override = seen.override && this.#left(seen.override.until) > 0 ? this.#override({ ...seen.override, lasts: this.#left(seen.override.until) }) : undefined;
    // That it was closed need not be kept, but for the epoch.
    if (seen.state === 'closed' && record.state === 'closed' && override === undefined) return { ...record, epoch: seen.epoch };
    // Its probes are lost: a half-open one is open again, and due, under an epoch of its own.
    const wasHalfOpen = seen.state === 'half_open';
    const state = wasHalfOpen ? 'open' : seen.state;
    const entered = this.#entered(record, state, state === 'closed' ? [] : seen.votes);
    return {
      ...entered,
      epoch: wasHalfOpen ? this.#epochAfter(seen.epoch) : seen.epoch,
      openUntil: state === 'open' ? this.#deadline(seen.openUntil === undefined ? 0 : this.#left(seen.openUntil)) : undefined,
      reopenings: seen.reopenings,
      quarantineUntil: this.#later(entered.quarantineUntil, this.#quarantine()),
      closedBy: seen.closedBy,
      override,
    };
  }

  carryOut(record: Record, command: Command): Outcome {
    switch (command.kind) {
      case 'restore':
        return { record, done: true };
      case 'vote':
        return this.#vote(record, command);
      case 'report':
        return this.#report(record, command);
      case 'acquire':
        return this.#acquire(record, command);
      case 'renew':
        return this.#renew(record, command);
      case 'release':
        return isHeld(record, command.slot) ? { record: without(record, command.slot), done: true } : { record, done: false };
      case 'result':
        return this.#result(record, command);
      case 'force':
        return { record: this.#force(record, command), done: true };
    }
  }

  #vote(record: Record, { epoch, lasts, quorum, error }: Command & { kind: 'vote' }): Outcome {
    if (record.state !== 'closed' || epoch !== record.epoch) return { record, done: false };
    const voted = this.#withVote(record, this.#deadline(lasts), error);
    if (lasts <= 0 || voted.votes.length < this.#needed(quorum, voted.votes.length)) return { record: voted, done: true };
    // As long as the last of the voters has it open: who votes late joins the outage that is there.
    return { record: this.#open(voted, Math.max(...voted.votes.map((vote) => this.#left(vote))), 0, voted.votes), done: true };
  }

  #withVote(record: Record, until: Deadline, error: string | undefined): Record {
    const { process } = this.context;
    const mine = record.votes.find((vote) => vote.process === process);
    const isOver = until.given <= 0;
    // A vote that is repeated is the same one, but for the way of its command.
    if (mine === undefined ? isOver : !isOver && Math.abs(mine.at - until.at) < SAME_MS) return record;
    const others = record.votes.filter((vote) => vote !== mine);
    if (isOver) return { ...record, votes: others };
    const hasRoom = others.filter((vote) => vote.error !== undefined).length < REASONS;
    return { ...record, votes: [...others, { process, ...until, ...(hasRoom && error !== undefined && { error }) }] };
  }

  #needed({ min, ratio }: Quorum, votes: number): number {
    const { participants } = this.context;
    if (participants === undefined) return min;
    const all = Math.max(participants, votes);
    // Off by less than the rounding of the product.
    return Math.min(all, Math.max(min, Math.ceil(ratio * all - 1e-9)));
  }

  #report(record: Record, { epoch, counts, limits, after, openFor, hearing, error }: Command & { kind: 'report' }): Outcome {
    if (record.state !== 'closed' || epoch !== record.epoch) return { record, done: false };
    const isNews = counts.calls > 0;
    const pooled = isNews ? pool(record.counts, counts, after, limits, this.context.nowMicros) : record.counts;
    if (pooled === undefined || !reaches(pooled, limits)) return { record: isNews ? { ...record, counts: pooled && { ...pooled, decision: undefined } } : record, done: true };
    const { decision = this.#deadline(hearing) } = pooled;
    if (this.#left(decision) > 0) return { record: isNews ? { ...record, counts: { ...pooled, decision } } : record, done: true };
    return { record: this.#open(record, openFor, 0, this.#reasonOf(openFor, error)), done: true };
  }

  #acquire(before: Record, { slot, probes, successes }: Command & { kind: 'acquire' }): Outcome {
    if (before.state === 'closed') return { record: before, done: false };
    const record = this.#quarantinedAfterFailover(before);
    const wait = Math.max(this.#left(record.quarantineUntil), record.state === 'open' ? this.#left(record.openUntil) : 0);
    if (wait > 0) return { record, done: false, wait };
    const halfOpen = record.state === 'open' ? this.#entered(record, 'half_open', record.votes) : record;
    const { leases, succeeded } = halfOpen;
    const hasRoom = leases.length < probes && (leases.length === 0 || leases.length + succeeded.length < successes);
    if (isHeld(halfOpen, slot) || hasRoom) return { record: this.#hold(halfOpen, { slot }), done: true };
    const hasIdle = leases.some(({ idle }) => idle === true);
    const asked = hasIdle && !halfOpen.wanted ? { ...halfOpen, wanted: true } : halfOpen;
    return { record: asked, done: false, wait: Math.min(...leases.map((lease) => this.#left(lease))) };
  }

  /** A replica that has taken over may lack the last slots that were given, and a server that was started again what it had not saved. */
  #quarantinedAfterFailover(record: Record): Record {
    const { server } = this.context;
    if (record.server === server) return record;
    return { ...record, server, quarantineUntil: this.#later(record.quarantineUntil, this.#quarantine()) };
  }

  #renew(record: Record, { slot, idle }: Command & { kind: 'renew' }): Outcome {
    if (!isHeld(record, slot)) return { record, done: false };
    if (idle === true && record.wanted) return { record: without(record, slot), done: false };
    return { record: this.#hold(record, { slot, ...(idle === true && { idle }) }), done: true };
  }

  /** A result counts in the half-open period of its slot, also when the slot has run out. */
  #result(record: Record, { slot, epoch, success, successes, openFor, error }: Command & { kind: 'result' }): Outcome {
    if (record.state !== 'half_open' || record.epoch !== epoch || record.succeeded.includes(slot)) return { record, done: false };
    const settled = without(record, slot);
    if (!success) return { record: this.#open(settled, openFor, record.reopenings + 1, this.#reasonOf(openFor, error)), done: true };
    const succeeded = [...record.succeeded, slot];
    return { record: succeeded.length >= successes ? this.#close(settled) : { ...settled, succeeded }, done: true };
  }

  #force(record: Record, command: Command & { kind: 'force' }): Record {
    switch (command.act) {
      case 'override':
        // With an epoch, so that it can be restored.
        return { ...record, epoch: record.epoch === 0 ? this.#epochAfter(0) : record.epoch, override: this.#override(command.override) };
      case 'clear':
        return record.override === undefined ? record : { ...record, override: undefined };
      case 'close':
      case 'reset':
        return { ...this.#close(record), override: undefined, closedBy: command.act };
    }
  }

  #open(record: Record, openFor: number, reopenings: number, votes: readonly Vote[]): Record {
    return { ...this.#entered(record, 'open', votes), openUntil: this.#deadline(openFor), reopenings };
  }

  #close(record: Record): Record {
    return { ...this.#entered(record, 'closed', []), reopenings: 0 };
  }

  /** Slots are taken away by a transition, but their probes may run as long as those would have lasted. */
  #entered(before: Record, state: Record['state'], votes: readonly Vote[]): Record {
    const record = this.#quarantinedAfterFailover(before);
    return {
      ...record,
      epoch: this.#epochAfter(record.epoch),
      state,
      openUntil: undefined,
      succeeded: [],
      quarantineUntil: [record.quarantineUntil, ...record.leases].reduce<Deadline | undefined>((one, other) => this.#later(one, other), undefined),
      closedBy: undefined,
      votes,
      leases: [],
      wanted: false,
      counts: undefined,
    };
  }

  #hold(record: Record, lease: Pick<Lease, 'slot' | 'idle'>): Record {
    return { ...record, leases: [...without(record, lease.slot).leases, { ...lease, ...this.#deadline(this.context.lease) }] };
  }

  #reasonOf(openFor: number, error: string | undefined): readonly Vote[] {
    return [{ process: this.context.process, ...this.#deadline(openFor), ...(error !== undefined && { error }) }];
  }

  #override({ kind, lasts, reason }: NewOverride): RecordedOverride {
    return { kind, until: this.#deadline(lasts), ...(reason !== undefined && { reason }) };
  }

  /** As long as the last probe may run that was given a slot before this is written. */
  #quarantine(): Deadline {
    return this.#deadline(this.context.lease + this.context.late);
  }

  #deadline(lasts: number): Deadline {
    const given = Math.min(FOREVER, Math.max(0, Math.ceil(lasts)));
    return { at: Math.min(FOREVER, this.#now + given), given };
  }

  #left(deadline: Deadline | undefined): number {
    if (deadline === undefined) return 0;
    return this.context.left?.(deadline) ?? leftAt(deadline, this.#now);
  }

  /** The one that ends later; undefined when both are over. */
  #later(one: Deadline | undefined, other: Deadline | undefined): Deadline | undefined {
    const later = this.#left(one) >= this.#left(other) ? one : other;
    return later !== undefined && this.#left(later) > 0 ? { at: later.at, given: later.given } : undefined;
  }

  /** The time, so that epochs grow across a store that has lost them; a plain counter would repeat. */
  #epochAfter(epoch: number): number {
    return Math.max(epoch, this.context.seen?.epoch ?? 0, Math.floor(this.context.nowMicros) - 1) + 1;
  }
}

/** Further apart than the ways of two commands, nearer than two openings. Milliseconds. */
const SAME_MS = 1000;

/** Whether they differ in more than the epoch of a closed breaker, which processes remember by themselves. */
function isOther(one: Record, other: Record): boolean {
  return one.state !== 'closed' || other.state !== 'closed' || one.override !== other.override;
}

function isHeld(record: Record, slot: string): boolean {
  return record.leases.some((lease) => lease.slot === slot);
}

function without(record: Record, slot: string): Record {
  if (!isHeld(record, slot)) return record;
  return { ...record, leases: record.leases.filter((lease) => lease.slot !== slot), wanted: false };
}

/** Nothing has happened to it: it need not be kept. */
function isEmpty({ epoch, votes, counts, override }: Record): boolean {
  return epoch === 0 && votes.length === 0 && counts === undefined && override === undefined;
}
