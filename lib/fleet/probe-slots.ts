import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import type { Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { Timer } from './timer';
import type { Breaker } from '../breaker/breaker';
import { CircuitOpenError } from '../breaker/circuit-open-error';
import type { Reduced } from './command';
import { ProbeSlot, type SlotOwner } from './probe-slot';
import type { Record } from './record';
import type { SharedRecord } from './shared-record';
import type { Sharing } from './sharing';

/** What the slots of a breaker leave to it. */
export interface SlotsOwner {
  readonly governs: boolean;
  /** How long the circuit is open after so many failed probes. */
  openTimeMs(reopenings: number): number;
  /** The text of the last error. */
  lastError(): string | undefined;
  /** What came of a probe whose result the store did not take. */
  decideAlone(success: boolean): void;
}

/** When a breaker asks for a slot again that it was refused. */
const ASK_AGAIN_MS = 200;
const ASK_NOT_BEFORE_MS = 10;

/** How long a slot is kept for calls that do not come. */
const KEEP_MS = 3_600_000;

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

  constructor(
    private readonly breaker: Breaker,
    private readonly record: SharedRecord,
    private readonly owner: SlotsOwner,
    private readonly sharing: Sharing,
  ) {
    this.#unused = new Timer(sharing.clock);
  }

  get clock(): Clock {
    return this.sharing.clock;
  }

  get lease(): number {
    return this.sharing.options.lease;
  }

  get probeTimeout(): number {
    return this.breaker.settings.probeTimeout;
  }

  /** Probes at once. */
  get #probes(): number {
    return this.sharing.options.probes ?? this.breaker.options.halfOpen.maxCalls;
  }

  /** Successes that close the circuit. */
  get #successes(): number {
    return this.breaker.options.halfOpen.successThreshold ?? this.#probes;
  }

  /** Slots that are held. */
  get held(): number {
    return this.#idle.length + this.#running.size;
  }

  reasonOfEnd(): unknown {
    const { name: operation, key, openedAt } = this.breaker;
    return new CircuitOpenError({ operation, key, state: 'half_open', retryAfter: 0, openedAt, cause: new Error('the probe has lost its slot: the store did not renew it') });
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
    if (this.#isAsking || !this.owner.governs || this.clock.now() < this.#askAtMs) return;
    this.#isAsking = true;
    this.sharing.requests.run(() => this.#acquire());
  }

  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    const { clock } = this;
    const { probeWait } = this.sharing.options;
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
    const reduced = await this.record.update(() => ({ kind: 'renew', slot: slot.id, ...(slot.isIdle && !this.#hasYielded && { idle: true }) }));
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
    if (this.#waiting !== undefined && state === 'half_open' && leases.length < this.#probes) {
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
    const { breaker, clock, record } = this;
    const id = `${this.sharing.writer}:${++lastSlot}`;
    const askedAtMs = clock.now();
    const late = (): void => {
      // It was given up, and nobody would use it.
      void record.update(() => ({ kind: 'release', slot: id }));
    };
    const reduced = await record.update(() => ({ kind: 'acquire', slot: id, probes: this.#probes, successes: this.#successes }), { late });
    this.#isAsking = false;
    if (reduced?.done === true) this.#keep(new ProbeSlot(id, reduced.record?.epoch ?? 0, this, askedAtMs + this.lease));
    else this.#refused(reduced);
    const waiting = this.#waiting;
    // Who holds a slot for a later call gives it to one that waits.
    if (waiting !== undefined && reduced?.record?.wanted !== true) waiting.end(breaker.admit(waiting.attempt));
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
    const nowMs = this.clock.now();
    const wait = reduced?.wait ?? 0;
    this.#askAtMs = nowMs + Math.min(ASK_AGAIN_MS, Math.max(ASK_NOT_BEFORE_MS, wait));
    if (this.sharing.callDriven !== undefined) this.record.shard.want(this.record);
    if (reduced?.record?.state !== 'open') return;
    // One that is due, and yet has no slot to give: the store must wait until probes that it has lost have ended.
    this.#promisedMs = Math.min(this.#promisedMs, nowMs + wait);
    this.isHopeless = nowMs > this.#promisedMs + this.lease;
  }

  async #tellResult(slot: ProbeSlot, success: boolean): Promise<void> {
    const { owner } = this;
    const { id, epoch } = slot;
    const reduced = await this.record.update(() => {
      const error = success ? undefined : owner.lastError();
      return { kind: 'result', slot: id, epoch, success, successes: this.#successes, openFor: success ? 0 : owner.openTimeMs(this.record.seen.reopenings + 1), error };
    });
    if (reduced === undefined || !owner.governs) owner.decideAlone(success);
  }

  #release(slot: ProbeSlot): void {
    void this.record.update(() => ({ kind: 'release', slot: slot.id }));
  }
}
