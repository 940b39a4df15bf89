import type { Call } from '../../core/call';
import type { Clock } from '../../core/clock';
import type { Outcome } from '../../core/outcome';
import type { Permit } from '../../core/policy';
import { Timer } from '../timer';
import type { Command, Reduced } from './command';
import { ProbeSlot, type SlotOwner } from './probe-slot';
import type { Record } from './record';
import type { Turns } from './turns';

/** What the slots of a breaker leave to it. */
export interface SlotsOwner {
  readonly clock: Clock;
  /** Those who ask for a slot at once, over all breakers. */
  readonly requests: Turns;
  readonly governs: boolean;
  /** Unlike any other process's. */
  readonly writer: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly probeWait: number;
  readonly probeTimeout: number;
  /** Probes at once, and successes that close. */
  readonly probes: number;
  readonly successes: number;
  update(command: () => Command, late?: () => void): Promise<Reduced | undefined>;
  /** Reads the record, where no message says that it has changed. */
  refresh(): void;
  /** How long the circuit is to be open when a probe fails. */
  openFor(): number;
  /** The text of the last error. */
  lastError(): string | undefined;
  /** Admits an attempt now, as far as that goes. */
  permit(attempt: Call): Permit | undefined;
  reasonOfEnd(): unknown;
  /** What came of a probe whose result the store did not take. */
  decideAlone(success: boolean): void;
}

/** When a breaker asks for a slot again that it was refused. */
const ASK_AGAIN_MS = 200;
const ASK_NOT_BEFORE_MS = 10;

/** How long a slot is kept for calls that do not come. */
const KEEP_MS = 600_000;

let lastSlot = 0;

/** The probe slots that a breaker has of the fleet, and the one attempt that waits for one. */
export class ProbeSlots implements SlotOwner {
  /** Those that wait for a call. */
  readonly #idle: ProbeSlot[] = [];
  readonly #running = new Set<ProbeSlot>();
  readonly #unused: Timer;
  #isAsking = false;
  #askAtMs = -Infinity;
  /** When there was to be a slot at the latest, as was said when there was none at first. */
  #promisedMs = Infinity;
  /** Whether that is long over, and none was there for the same reason: the store has lost the state since. */
  isHopeless = false;
  /** An idle slot was given to another process in this half-open period. The next one is kept: rare calls of two processes would take it from each other for ever. */
  #hasYielded = false;
  #waiting: { readonly attempt: Call; end(permit: Permit | undefined): void } | undefined;

  constructor(private readonly owner: SlotsOwner) {
    this.#unused = new Timer(owner.clock);
  }

  get clock(): Clock {
    return this.owner.clock;
  }

  get lease(): number {
    return this.owner.lease;
  }

  get probeTimeout(): number {
    return this.owner.probeTimeout;
  }

  /** Slots that are held. */
  get held(): number {
    return this.#idle.length + this.#running.size;
  }

  reasonOfEnd(): unknown {
    return this.owner.reasonOfEnd();
  }

  take(): ProbeSlot | undefined {
    const slot = this.#idle.shift();
    if (slot?.isHeld !== true) {
      slot?.settle();
      this.ask();
      return undefined;
    }
    this.#running.add(slot);
    return slot;
  }

  ask(): void {
    const { owner } = this;
    if (this.#isAsking || !owner.governs || owner.clock.now() < this.#askAtMs) return;
    this.#isAsking = true;
    owner.requests.run(() => this.#acquire());
  }

  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    const { probeWait, clock } = this.owner;
    if (!this.#isAsking || this.#waiting !== undefined || probeWait === 0) return undefined;
    return new Promise((resolve) => {
      // The caller waits: its process must not end before.
      const timer = new Timer(clock, true);
      const end = (permit: Permit | undefined): void => {
        this.#waiting = undefined;
        timer.stop();
        unsubscribe?.();
        resolve(permit);
      };
      const leave = (): void => {
        end(undefined);
      };
      this.#waiting = { attempt, end };
      timer.start(probeWait, leave);
      const unsubscribe = attempt.cancellation?.subscribe(leave);
    });
  }

  settle(slot: ProbeSlot, outcome: Outcome): void {
    this.#running.delete(slot);
    const { isHeld } = slot;
    slot.settle();
    if (outcome !== 'ignored') void this.#tellResult(slot, outcome === 'success');
    else if (isHeld) this.#release(slot);
  }

  async renew(slot: ProbeSlot): Promise<boolean | undefined> {
    const reduced = await this.owner.update(() => ({ kind: 'renew', slot: slot.id, ...(slot.isIdle && !this.#hasYielded && { idle: true }) }));
    return reduced?.done;
  }

  overran(slot: ProbeSlot): void {
    this.#release(slot);
  }

  /** The record has changed, in the same epoch. */
  changed({ wanted, leases, state }: Record): void {
    if (wanted && !this.#hasYielded && this.#idle.length > 0) {
      this.#hasYielded = true;
      this.giveBack();
    }
    // The slot for which an attempt waits was given back.
    if (this.#waiting !== undefined && state === 'half_open' && leases.length < this.owner.probes) {
      this.#askAtMs = -Infinity;
      this.ask();
    }
  }

  /** The fleet has gone on to another epoch, and the slots of the last one are gone. */
  left(isClosed: boolean): void {
    for (const slot of this.#idle.splice(0)) slot.settle();
    for (const slot of this.#running) {
      if (isClosed) slot.free();
      else slot.expire();
    }
    // What was said of the last epoch says nothing of this one.
    this.#askAtMs = -Infinity;
    this.#promisedMs = Infinity;
    this.isHopeless = this.#hasYielded = false;
  }

  /** Gives back what nobody uses. */
  giveBack(): void {
    this.#unused.stop();
    for (const slot of this.#idle.splice(0)) {
      slot.settle();
      this.#release(slot);
    }
  }

  async #acquire(): Promise<void> {
    const { owner } = this;
    const id = `${owner.writer}:${++lastSlot}`;
    const askedAtMs = owner.clock.now();
    const late = (): void => {
      // It was given up, and nobody would use it.
      void owner.update(() => ({ kind: 'release', slot: id }));
    };
    const reduced = await owner.update(() => ({ kind: 'acquire', slot: id, probes: owner.probes, successes: owner.successes }), late);
    this.#isAsking = false;
    if (reduced?.done === true) this.#keep(new ProbeSlot(id, reduced.record?.epoch ?? 0, this, askedAtMs + owner.lease));
    else this.#refused(reduced);
    const waiting = this.#waiting;
    // Who holds a slot for a later call gives it to one that waits.
    if (waiting !== undefined && reduced?.record?.wanted !== true) waiting.end(owner.permit(waiting.attempt));
    this.#idle.at(-1)?.keep();
  }

  #keep(slot: ProbeSlot): void {
    this.#idle.push(slot);
    if (this.owner.governs) {
      this.#unused.start(KEEP_MS, () => {
        this.giveBack();
      });
    } else {
      this.giveBack();
    }
  }

  #refused(reduced: Reduced | undefined): void {
    const { owner } = this;
    const nowMs = owner.clock.now();
    const wait = reduced?.wait ?? 0;
    this.#askAtMs = nowMs + Math.min(ASK_AGAIN_MS, Math.max(ASK_NOT_BEFORE_MS, wait));
    owner.refresh();
    if (reduced?.record?.state !== 'open') return;
    // One that is due, and yet has no slot to give: the store must wait until probes that it has lost have ended.
    this.#promisedMs = Math.min(this.#promisedMs, nowMs + wait);
    this.isHopeless = nowMs > this.#promisedMs + owner.lease;
  }

  async #tellResult(slot: ProbeSlot, success: boolean): Promise<void> {
    const { owner } = this;
    const { id, epoch } = slot;
    const reduced = await owner.update(() => {
      const error = success ? undefined : owner.lastError();
      return { kind: 'result', slot: id, epoch, success, successes: owner.successes, openFor: success ? 0 : owner.openFor(), error };
    });
    if (reduced === undefined || !owner.governs) owner.decideAlone(success);
  }

  #release(slot: ProbeSlot): void {
    void this.owner.update(() => ({ kind: 'release', slot: slot.id }));
  }
}
