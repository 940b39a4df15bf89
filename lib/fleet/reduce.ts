import { pool, reaches } from './pooled-counts';
import { NO_RECORD, type Record } from './record';
import { FOREVER, STALE_MS, type Answer, type Command, type FleetOverride, type Quorum } from './shared-store';

/** What is left of a record that nobody uses. */
export const RETENTION_MS = 600_000;

/** What a command comes to. */
export interface Reduced {
  readonly record: Record;
  readonly answer: Answer;
  /** What subscribers are told: that the epoch is another one, or the override is; undefined: nothing. */
  readonly told: 'epoch' | 'override' | undefined;
}

/**
 * The machine of a shared breaker: what a store does for a command. Pure; every store does the same, step by step.
 *
 * @param stored - Undefined when the store knows nothing of the breaker.
 * @param nowMicros - The store's clock, in microseconds.
 * @param server - Names the run of the server, where another may take its place with what it has of its records, such as a replica.
 */
export function reduce(stored: Record | undefined, command: Command, nowMicros: number, server = ''): Reduced {
  const step = new Step(command, nowMicros, server);
  const known = step.present(stored === undefined || stored.expiresAt <= step.now ? undefined : stored);
  const restored = command.seen.epoch > known.epoch;
  const before = restored ? step.restore(known) : known;
  const isStale = MAY_BE_STALE[command.kind] && command.at !== undefined && step.now - command.at > STALE_MS;
  const { record, done, wait = 0 } = isStale ? { record: before, done: false } : step.carryOut(before);
  const kept = { ...record, expiresAt: step.forgettableAt(record) };
  return {
    record: kept,
    answer: { ...step.answer(kept), done, restored, wait },
    told: kept.epoch !== known.epoch ? 'epoch' : command.kind === 'force' && done ? 'override' : undefined,
  };
}

/** Whose sender has gone on without it meanwhile. What is told of a slot holds as long as the slot. */
const MAY_BE_STALE: { readonly [kind in Command['kind']]: boolean } = {
  get: false,
  vote: true,
  report: true,
  acquire: true,
  renew: false,
  release: false,
  result: false,
  force: true,
};

interface Outcome {
  readonly record: Record;
  readonly done: boolean;
  readonly wait?: number;
}

class Step {
  readonly now: number;

  constructor(
    private readonly command: Command,
    private readonly nowMicros: number,
    private readonly server: string,
  ) {
    this.now = Math.floor(nowMicros / 1000);
  }

  /** The record without what has run out, and with the sender alive. */
  present(stored: Record | undefined): Record {
    const { now, command } = this;
    // A probe of whom the store has lost track may run: none is let through before it has ended, or was told to.
    const record = stored ?? { ...NO_RECORD, quarantineUntil: now + command.lease };
    const members = this.#live(record.members);
    if (command.alive > 0) members.set(command.process, now + command.alive);
    return {
      ...record,
      members,
      votes: this.#live(record.votes),
      leases: this.#live(record.leases),
      settings: record.settings.filter(({ until }) => until > now),
      override: record.override !== undefined && record.override.until > now ? record.override : undefined,
    };
  }

  /** What the sender had confirmed, and the store has lost. */
  restore(record: Record): Record {
    const { seen, lease } = this.command;
    // Its probes are lost: a half-open one is open again, and due, under an epoch of its own.
    const wasHalfOpen = seen.state === 'half_open';
    const state = wasHalfOpen ? 'open' : seen.state;
    return {
      ...this.#entered({ ...record, epoch: seen.epoch }, state),
      epoch: wasHalfOpen ? this.#next(seen.epoch) : seen.epoch,
      openUntil: state === 'closed' ? 0 : this.#until(wasHalfOpen ? 0 : seen.remaining),
      reopenings: seen.reopenings,
      quarantineUntil: Math.max(this.#heldUntil(record), this.now + lease),
      override: seen.override && this.#override(seen.override),
    };
  }

  carryOut(record: Record): Outcome {
    const { command } = this;
    switch (command.kind) {
      case 'get':
        return { record: this.#introduced(record, command), done: true };
      case 'vote':
        return this.#vote(record, command);
      case 'report':
        return this.#report(this.#introduced(record, command), command);
      case 'acquire':
        return this.#acquire(record, command);
      case 'renew':
        return record.leases.has(command.slot) ? { record: this.#hold(record, command.slot), done: true } : { record, done: false };
      case 'release':
        return { record: without(record, command.slot), done: record.leases.has(command.slot) };
      case 'result':
        return this.#result(record, command);
      case 'force':
        return { record: this.#force(record, command), done: true };
    }
  }

  answer(record: Record): Omit<Answer, 'done' | 'restored' | 'wait'> {
    const { now } = this;
    const { command } = this;
    const other = command.kind === 'get' || command.kind === 'report' ? this.#otherSettings(record, command.settings) : undefined;
    const { override } = record;
    return {
      epoch: record.epoch,
      state: record.state,
      remaining: record.state === 'open' ? this.#remaining(record.openUntil) : 0,
      reopenings: record.reopenings,
      ...(override !== undefined && {
        override: {
          kind: override.kind,
          remaining: this.#remaining(override.until),
          ...(override.reason !== '' && { reason: override.reason }),
        },
      }),
      now,
      processes: record.members.size,
      votes: votesOf(record),
      ...(other !== undefined && { settings: other }),
      reset: record.reset,
    };
  }

  forgettableAt({ openUntil, override, quarantineUntil }: Record): number {
    return Math.min(FOREVER, Math.max(this.now, openUntil, override?.until ?? 0, quarantineUntil) + RETENTION_MS);
  }

  #vote(record: Record, { process, seen, lasts, openFor, quorum }: Command & { kind: 'vote' }): Outcome {
    if (record.state !== 'closed' || (seen.epoch !== record.epoch)) return { record, done: false };
    const voted = { ...record, votes: new Map(record.votes).set(process, this.#until(lasts)) };
    // As long as a lease, a record that is new may lack processes that are alive.
    const live = record.quarantineUntil > this.now ? Infinity : voted.members.size;
    const isOpen = votesOf(voted) >= Math.min(live, needed(quorum, voted.members.size));
    return { record: isOpen ? this.#open(voted, openFor, 0) : voted, done: true };
  }

  #report(record: Record, { seen, counts, limits, openFor }: Command & { kind: 'report' }): Outcome {
    if (record.state !== 'closed' || seen.epoch !== record.epoch) return { record, done: false };
    const pooled = pool(record, counts, limits, this.now);
    return { record: reaches(pooled, limits) ? this.#open(pooled, openFor, 0) : pooled, done: true };
  }

  #acquire(before: Record, { slot, probes, successes }: Command & { kind: 'acquire' }): Outcome {
    const { now } = this;
    if (before.state === 'closed') return { record: before, done: false };
    const record = this.#quarantinedAfterFailover(before);
    const notBefore = Math.max(record.quarantineUntil, record.state === 'open' ? record.openUntil : 0);
    if (now < notBefore) return { record, done: false, wait: notBefore - now };
    const halfOpen = record.state === 'open' ? this.#entered(record, 'half_open') : record;
    const { leases } = halfOpen;
    const hasRoom = leases.size < probes && (leases.size === 0 || leases.size + halfOpen.successes < successes);
    if (leases.has(slot) || hasRoom) return { record: this.#hold(halfOpen, slot), done: true };
    return { record: halfOpen, done: false, wait: Math.min(...leases.values()) - now };
  }

  /** A replica that has taken over may lack the last slots that were given, and a server that was started again what it had not saved. */
  #quarantinedAfterFailover(record: Record): Record {
    const { server, now, command } = this;
    if (record.server === server) return record;
    return { ...record, server, quarantineUntil: Math.max(record.quarantineUntil, now + command.lease) };
  }

  #result(record: Record, { slot, success, successes, openFor }: Command & { kind: 'result' }): Outcome {
    if (record.state !== 'half_open' || !record.leases.has(slot)) return { record, done: false };
    const settled = { ...without(record, slot), successes: record.successes + (success ? 1 : 0) };
    if (!success) return { record: this.#open(settled, openFor, record.reopenings + 1), done: true };
    return { record: settled.successes >= successes ? this.#close(settled) : settled, done: true };
  }

  #force(record: Record, command: Command & { kind: 'force' }): Record {
    switch (command.act) {
      case 'override':
        // With an epoch, so that it can be restored.
        return { ...record, epoch: record.epoch === 0 ? this.#next(0) : record.epoch, override: this.#override(command.override) };
      case 'clear':
        return { ...record, override: undefined };
      case 'close':
        return { ...this.#close(record), override: undefined };
      case 'reset':
        return { ...this.#close(record), override: undefined, reset: true };
    }
  }

  #open(record: Record, openFor: number, reopenings: number): Record {
    return { ...this.#entered(record, 'open'), openUntil: this.#until(openFor), reopenings };
  }

  #close(record: Record): Record {
    return { ...this.#entered(record, 'closed'), openUntil: 0, reopenings: 0 };
  }

  /** Slots are taken away by a transition, but their probes may run as long as those would have lasted. */
  #entered(record: Record, state: Record['state']): Record {
    return {
      ...record,
      epoch: this.#next(record.epoch),
      state,
      successes: 0,
      quarantineUntil: this.#heldUntil(record),
      reset: false,
      server: this.server,
      streak: 0,
      buckets: [],
      votes: new Map(),
      leases: new Map(),
    };
  }

  #hold(record: Record, slot: string): Record {
    return { ...record, leases: new Map(record.leases).set(slot, this.now + this.command.lease) };
  }

  #heldUntil({ quarantineUntil, leases }: Record): number {
    return Math.max(quarantineUntil, ...leases.values());
  }

  #introduced(record: Record, { settings: text = '', name = record.name }: Command & { kind: 'get' | 'report' }): Record {
    const { now, command } = this;
    if (text === '' || command.alive <= 0) return { ...record, name };
    const others = record.settings.filter((other) => other.text !== text);
    // The one that was there first stays first, so that each of two is told of the other.
    return { ...record, name, settings: [...others.slice(-1), { text, until: now + command.alive }] };
  }

  #otherSettings(record: Record, text: string | undefined): string | undefined {
    return text === undefined ? undefined : record.settings.find((other) => other.text !== text)?.text;
  }

  #override({ kind, remaining, reason = '' }: FleetOverride): Record['override'] {
    return { kind, until: this.#until(remaining), reason };
  }

  #live(until: ReadonlyMap<string, number>): Map<string, number> {
    return new Map([...until].filter(([, at]) => at > this.now));
  }

  #until(lastsMs: number): number {
    return Math.min(FOREVER, this.now + lastsMs);
  }

  #remaining(until: number): number {
    return until >= FOREVER ? FOREVER : Math.max(0, until - this.now);
  }

  /** The time, so that epochs grow across a store that has lost them; a plain counter would repeat. */
  #next(epoch: number): number {
    return Math.max(epoch + 1, this.nowMicros);
  }
}

function without(record: Record, slot: string): Record {
  return { ...record, leases: new Map([...record.leases].filter(([other]) => other !== slot)) };
}

function votesOf({ votes, members }: Record): number {
  return [...votes.keys()].filter((process) => members.has(process)).length;
}

function needed({ min, ratio }: Quorum, live: number): number {
  // Off by less than the rounding of the product.
  return Math.max(min, Math.ceil(ratio * live - 1e-9));
}
