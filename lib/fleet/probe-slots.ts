import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import type { Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { ProbeSlot, type SlotOwner } from './probe-slot';
import type { Wish } from './store-link';
import type { Answer } from './shared-store';
import { Timer } from './timer';

/** What the slots of a breaker leave to it. */
export interface SlotsOwner {
  readonly clock: Clock;
  readonly governs: boolean;
  readonly process: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly probeWait: number;
  readonly probeTimeout: number;
  /** Probes at once, and successes that close. */
  readonly probes: number;
  readonly successes: number;
  send(wish: Wish, late?: (answer: Answer) => void): Promise<Answer | undefined>;
  /** How long the circuit is to be open when a probe fails. */
  openFor(): number;
  /** Admits an attempt now, as far as that goes. */
  permit(attempt: Call): Permit | undefined;
  reasonOfEnd(): unknown;
  /** What came of a probe whose result the store did not take. */
  decideAlone(success: boolean): void;
}

/** After how long a breaker asks for a slot again that it was refused, at the latest: one that is given back is announced to nobody. */
const ASK_AGAIN_MS = 200;
const ASK_NOT_BEFORE_MS = 10;

let lastSlot = 0;

/** The probe slots that a breaker has of the fleet, and the one attempt that waits for one. */
export class ProbeSlots implements SlotOwner {
  readonly #ready: ProbeSlot[] = [];
  readonly #running = new Set<ProbeSlot>();
  readonly #unused: Timer;
  isAsking = false;
  #askAtMs = -Infinity;
  /** When there was to be a slot at the latest, as was said when there was none at first. */
  #promisedMs = Infinity;
  /** Whether that is long over, and none was there for the same reason: the store has lost the state since. */
  isHopeless = false;
  #waiting: ((permit: Permit | undefined) => void) | undefined;
  #attempt: Call | undefined;

  constructor(private readonly owner: SlotsOwner) {
    this.#unused = new Timer(owner.clock);
  }

  /** Slots that are used, or kept for a call. */
  get held(): number {
    return this.#ready.length + this.#running.size;
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

  reasonOfEnd(): unknown {
    return this.owner.reasonOfEnd();
  }

  take(): ProbeSlot | undefined {
    const slot = this.#ready.shift();
    if (slot?.isHeld !== true) {
      this.ask();
      return undefined;
    }
    this.#running.add(slot);
    return slot;
  }

  ask(): void {
    const { owner } = this;
    if (this.isAsking || !owner.governs || owner.clock.now() < this.#askAtMs) return;
    this.isAsking = true;
    void this.#acquire();
  }

  permitLater(attempt: Call): Promise<Permit | undefined> | undefined {
    const { probeWait, clock } = this.owner;
    if (!this.isAsking || this.#waiting !== undefined || probeWait === 0) return undefined;
    return new Promise((resolve) => {
      // The caller waits: its process must not end before.
      const timer = new Timer(clock, true);
      const end = (permit: Permit | undefined): void => {
        this.#waiting = this.#attempt = undefined;
        timer.stop();
        unsubscribe?.();
        resolve(permit);
      };
      const leave = (): void => {
        end(undefined);
      };
      this.#waiting = end;
      this.#attempt = attempt;
      timer.start(probeWait, leave);
      const unsubscribe = attempt.cancellation?.subscribe(leave);
    });
  }

  settle(slot: ProbeSlot, outcome: Outcome): void {
    const { isHeld } = slot;
    this.#running.delete(slot);
    slot.settle();
    if (!isHeld) return;
    if (outcome === 'ignored') this.#release(slot);
    else void this.#tellResult(slot, outcome === 'success');
  }

  async renew(slot: ProbeSlot): Promise<boolean | undefined> {
    const answer = await this.owner.send({ kind: 'renew', slot: slot.id });
    return answer?.done;
  }

  overran(slot: ProbeSlot): void {
    this.#release(slot);
  }

  /** The fleet has gone on to another epoch, and the slots of the last one are gone. */
  left(isClosed: boolean): void {
    for (const slot of this.#ready.splice(0)) slot.settle();
    for (const slot of this.#running) {
      if (isClosed) slot.free();
      else slot.expire();
    }
    // What was said of the last epoch says nothing of this one.
    this.#askAtMs = -Infinity;
    this.#promisedMs = Infinity;
    this.isHopeless = false;
  }

  /** Gives back what nobody uses. */
  giveBack(): void {
    this.#unused.stop();
    for (const slot of this.#ready.splice(0)) {
      slot.settle();
      this.#release(slot);
    }
  }

  async #acquire(): Promise<void> {
    const { owner } = this;
    const id = `${owner.process}:${++lastSlot}`;
    const askedAtMs = owner.clock.now();
    const answer = await owner.send({ kind: 'acquire', slot: id, probes: owner.probes, successes: owner.successes }, (late) => {
      // It was given up, and nobody would use it.
      if (late.done) void owner.send({ kind: 'release', slot: id });
    });
    this.isAsking = false;
    if (answer?.done === true && answer.state === 'half_open') {
      this.#keep(new ProbeSlot(id, this, askedAtMs + owner.lease));
    } else {
      if (answer?.state === 'open') this.#noteRefusal(owner.clock.now(), answer.wait);
      this.#askAtMs = owner.clock.now() + Math.min(ASK_AGAIN_MS, Math.max(ASK_NOT_BEFORE_MS, answer?.wait ?? 0));
    }
    if (this.#waiting !== undefined && this.#attempt !== undefined) this.#waiting(owner.permit(this.#attempt));
  }

  #keep(slot: ProbeSlot): void {
    this.#ready.push(slot);
    if (this.owner.governs) {
      this.#unused.start(this.lease / 2, () => {
        this.giveBack();
      });
    } else {
      this.giveBack();
    }
  }

  /** An open circuit that is due, and yet has no slot to give: the store must wait until probes that it has lost have ended. */
  #noteRefusal(nowMs: number, waitMs: number): void {
    this.#promisedMs = Math.min(this.#promisedMs, nowMs + waitMs);
    this.isHopeless = nowMs > this.#promisedMs + this.owner.lease;
  }

  async #tellResult(slot: ProbeSlot, success: boolean): Promise<void> {
    const { owner } = this;
    const answer = await owner.send({ kind: 'result', slot: slot.id, success, successes: owner.successes, openFor: success ? 0 : owner.openFor() });
    if (answer === undefined || !owner.governs) owner.decideAlone(success);
  }

  #release(slot: ProbeSlot): void {
    void this.owner.send({ kind: 'release', slot: slot.id });
  }
}
