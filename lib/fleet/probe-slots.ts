import type { Call } from '../core/call';
import type { Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { CircuitOpenError } from '../breaker/circuit-open-error';
import type { Reduced } from './command';
import { ProbeSlot } from './probe-slot';
import type { Record } from './record';
import type { SharedBreaker } from './shared-breaker';
import { Timer } from './timer';

/** When a breaker asks for a slot again that it was refused. */
const ASK_AGAIN_MS = 200;
const ASK_NOT_BEFORE_MS = 10;

/** How long a slot is kept for calls that do not come. */
const KEEP_MS = 3_600_000;

let lastSlot = 0;

/** The probe slots that a breaker has of the fleet, and the one attempt that waits for one. */
export class ProbeSlots {
  /** It waits for a call. */
  #idle: ProbeSlot | undefined;
  readonly #running = new Set<ProbeSlot>();
  /** Slots that were asked for without an answer: the store may have given them. */
  readonly #unanswered = new Set<string>();
  #isAsking = false;
  #askAtMs = -Infinity;
  /** When there was to be a slot at the latest, as was said when there was none at first. */
  #promisedMs = Infinity;
  /** Whether that is long over, and none was there for the same reason: the store has lost the state since. */
  isHopeless = false;
  /** An idle slot was given to another process in this half-open period. The next one is kept: rare calls of two processes would take it from each other for ever. */
  #hasYielded = false;
  #waiting: { readonly attempt: Call; end(permit: Permit | undefined): void } | undefined;

  constructor(private readonly shared: SharedBreaker) {}

  get #nowMs(): number {
    return this.shared.sharing.clock.now();
  }

  /** Probes at once. */
  get #probes(): number {
    return this.shared.sharing.options.probes ?? this.shared.breaker.options.halfOpen.maxCalls;
  }

  /** Successes that close the circuit. */
  get #successes(): number {
    return this.shared.breaker.options.halfOpen.successThreshold ?? this.#probes;
  }

  get #held(): ProbeSlot[] {
    return this.#idle === undefined ? [...this.#running] : [this.#idle, ...this.#running];
  }

  get count(): number {
    return this.#held.length;
  }

  /** Whether a probe runs that has its slot. */
  get isProbing(): boolean {
    return [...this.#running].some(({ isHeld }) => isHeld);
  }

  reasonOfEnd(): unknown {
    const { name: operation, key, openedAt } = this.shared.breaker;
    return new CircuitOpenError({ operation, key, state: 'half_open', retryAfter: 0, openedAt, cause: new Error('the probe has lost its slot: the store did not renew it') });
  }

  /** A slot that was given and that nobody uses; else one is asked for, and there may be one for a later attempt. */
  take(): ProbeSlot | undefined {
    const slot = this.#idle;
    this.#idle = undefined;
    if (slot?.isHeld === true) {
      this.#running.add(slot);
      return slot;
    }
    slot?.free();
    this.ask();
    return undefined;
  }

  /** Asks for a slot, where that is of use. */
  ask(): void {
    if (this.#isAsking || !this.shared.governs || this.#nowMs < this.#askAtMs) return;
    this.#isAsking = true;
    this.shared.sharing.inTurn(() => this.#acquire());
  }

  /** Waits for the slot that is asked for; undefined when another attempt waits already, or nothing is asked. */
  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    const { probeWait } = this.shared.sharing.options;
    if (!this.#isAsking || this.#waiting !== undefined || probeWait === 0) return undefined;
    return new Promise((resolve) => {
      // The caller waits: its process must not end before.
      const timer = new Timer(this.shared.sharing.timers, true);
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

  /** The probe of a slot has ended. */
  settle(slot: ProbeSlot, outcome: Outcome): void {
    const { isHeld } = slot;
    this.#running.delete(slot);
    slot.settle();
    if (outcome !== 'ignored') void this.#tellResult(slot, outcome === 'success');
    else if (isHeld) this.release(slot.id);
  }

  /** @returns Whether the store has renewed it; undefined: no answer. */
  async renew(slot: ProbeSlot): Promise<boolean | undefined> {
    if (slot.isIdle && this.#nowMs - slot.givenAtMs > KEEP_MS) this.giveBack();
    const reduced = await this.shared.record.update(() => ({ kind: 'renew', slot: slot.id, ...(slot.isIdle && !this.#hasYielded && { idle: true }) }));
    return reduced?.done;
  }

  release(slot: string): void {
    void this.shared.record.update(() => ({ kind: 'release', slot }));
  }

  /** Gives back what nobody uses. */
  giveBack(): void {
    const slot = this.#idle;
    if (slot === undefined) return;
    this.#idle = undefined;
    slot.free();
    this.release(slot.id);
  }

  /** The record has changed, in the same epoch. */
  changed({ wanted, leases, state }: Record): void {
    if (wanted && !this.#hasYielded && this.#idle !== undefined) {
      this.#hasYielded = true;
      this.giveBack();
    }
    if (this.#isAsking) return;
    // What was given up, and was written all the same.
    for (const { slot } of leases) if (this.#unanswered.delete(slot)) this.release(slot);
    // The slot for which an attempt waits was given back.
    if (this.#waiting !== undefined && state === 'half_open' && leases.length < this.#probes) {
      this.#askAtMs = -Infinity;
      this.ask();
    }
  }

  /** The fleet has gone on to another epoch, and the slots of the last one are gone. */
  left(isClosed: boolean): void {
    this.#idle?.free();
    this.#idle = undefined;
    for (const slot of this.#running) {
      if (isClosed) slot.free();
      else slot.expire();
    }
    this.#unanswered.clear();
    // What was said of the last epoch says nothing of this one.
    this.#askAtMs = -Infinity;
    this.#promisedMs = Infinity;
    this.isHopeless = this.#hasYielded = false;
  }

  async #acquire(): Promise<void> {
    const { breaker, record, sharing } = this.shared;
    const id = `${sharing.writer}:${++lastSlot}`;
    const askedAtMs = this.#nowMs;
    const reduced = await record.update(() => ({ kind: 'acquire', slot: id, probes: this.#probes, successes: this.#successes }));
    this.#isAsking = false;
    if (reduced === undefined) this.#unanswered.add(id);
    if (reduced?.done !== true) this.#refused(reduced);
    else this.#idle = new ProbeSlot(id, reduced.record?.epoch ?? 0, this.shared, askedAtMs);
    if (!this.shared.governs) this.giveBack();
    const waiting = this.#waiting;
    // Who holds a slot for a later call gives it to one that waits.
    if (waiting !== undefined && reduced?.record?.wanted !== true) waiting.end(breaker.admit(waiting.attempt));
    this.#idle?.keep();
  }

  #refused(reduced: Reduced | undefined): void {
    const { record, sharing } = this.shared;
    const nowMs = this.#nowMs;
    const wait = reduced?.wait ?? 0;
    this.#askAtMs = nowMs + Math.min(ASK_AGAIN_MS, Math.max(ASK_NOT_BEFORE_MS, wait));
    if (!sharing.isSubscribed) record.shard.want(record);
    if (reduced?.record?.state !== 'open') return;
    // One that is due, and yet has no slot to give: the store must wait until probes that it has lost have ended.
    this.#promisedMs = Math.min(this.#promisedMs, nowMs + wait);
    this.isHopeless = nowMs > this.#promisedMs + sharing.options.lease;
  }

  async #tellResult({ id, epoch }: ProbeSlot, success: boolean): Promise<void> {
    const { shared } = this;
    const reduced = await shared.record.update(() => {
      const openFor = success ? 0 : shared.openTimeMs(shared.record.seen.reopenings + 1);
      return { kind: 'result', slot: id, epoch, success, successes: this.#successes, openFor, error: success ? undefined : shared.lastError };
    });
    if (reduced === undefined || !shared.governs) shared.decideAlone(success);
  }
}
