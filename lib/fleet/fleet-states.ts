import type { Call } from '../core/call';
import { CancellationSource } from '../core/cancellation';
import type { Outcome } from '../core/outcome';
import { Refusal, type Permit } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import { AttemptPermit } from '../breaker/permit';
import { reject } from '../breaker/rejection';
import { Open, type State } from '../breaker/states';
import type { ProbeSlot } from './probe-slot';

/** Who gives the probe slots of a breaker that processes share. */
export interface SlotSource {
  /** Whether the fleet decides. While the store is away, each process does by itself. */
  readonly governs: boolean;
  /** Whether the store cannot come to give a slot, since it has lost the state again and again. */
  readonly isHopeless: boolean;
  /** Asks for a slot, where that is of use. */
  ask(): void;
  /** A slot that was given and that nobody uses; else one is asked for, and there may be one for a later attempt. */
  takeSlot(): ProbeSlot | undefined;
  /** Waits for the slot that is asked for; undefined when another attempt waits already, or nothing is asked. */
  permitLater(attempt: Call): Promise<Permit | undefined> | undefined;
  /** The probe of a slot has ended. */
  settle(slot: ProbeSlot, outcome: Outcome): void;
  /** Goes on as a process by itself does when an open time has passed. */
  probeAlone(): void;
}

/** Waits for a slot; without one, the attempt is rejected. */
function slotOr(breaker: Breaker, call: Call, slots: SlotSource): Promise<Permit | Refusal> | undefined {
  const { cancellation } = call;
  return slots.permitLater(call)?.then((permit) => permit ?? new Refusal(cancellation?.aborted === true ? cancellation.reason : reject(breaker, call)));
}

/** The fleet has opened the circuit. When its time has passed, the fleet decides who probes. */
export class FleetOpen extends Open {
  constructor(
    breaker: Breaker,
    openedAtMs: number,
    openTimeMs: number,
    private readonly slots: SlotSource,
  ) {
    super(breaker, openedAtMs, openTimeMs, 0);
  }

  override admit(call?: Call): Permit | undefined {
    const { breaker, slots } = this;
    if (!this.passes()) return undefined;
    if (slots.governs && !slots.isHopeless) {
      slots.ask();
      return undefined;
    }
    slots.probeAlone();
    // Not necessarily half open: a listener may have reset or tripped the breaker meanwhile.
    return breaker.current === this ? undefined : breaker.current.admit(call);
  }

  deny(call: Call): Promise<Permit | Refusal> | undefined {
    return this.passes() ? slotOr(this.breaker, call, this.slots) : undefined;
  }

  override reschedule(): void {
    // The open time is the fleet's.
  }
}

/** The fleet tries whether the dependency is back; an attempt of this process passes with a slot. */
export class FleetHalfOpen implements State {
  readonly kind = 'half_open';
  readonly #running = new Map<AttemptPermit, ProbeSlot>();

  constructor(
    private readonly breaker: Breaker,
    private readonly slots: SlotSource,
  ) {}

  admit(call?: Call): Permit | undefined {
    const { breaker, slots } = this;
    if (!slots.governs) return this.#admitAlone(call);
    const slot = slots.takeSlot();
    if (slot === undefined) return undefined;
    const probe = new FleetProbe(breaker, this, call, slot);
    this.#running.set(probe, slot);
    slot.begin();
    breaker.emit('probe', () => ({ ...probe.details(), duration: 0 }));
    return probe;
  }

  deny(call: Call): Promise<Permit | Refusal> | undefined {
    return slotOr(this.breaker, call, this.slots);
  }

  release(probe: AttemptPermit, outcome: Outcome): boolean {
    const slot = this.#running.get(probe);
    if (slot === undefined) return false;
    this.#running.delete(probe);
    // It counts also when its slot was lost, as long as this half-open period lasts. Otherwise a dependency whose answers take longer never recovers.
    this.slots.settle(slot, this.breaker.override === 'disabled' ? 'ignored' : outcome);
    return true;
  }

  record(): void {
    // The store counts, and its answer is followed.
  }

  #admitAlone(call: Call | undefined): Permit | undefined {
    // A probe of this process that began with a slot may tell soon.
    if (this.#running.size > 0) return undefined;
    const { breaker } = this;
    this.slots.probeAlone();
    return breaker.current === this ? undefined : breaker.current.admit(call);
  }
}

/** The permit of a probe that has a slot of the fleet's, and ends with it. */
class FleetProbe extends AttemptPermit {
  readonly #lease: CancellationSource;

  constructor(breaker: Breaker, state: State, call: Call | undefined, slot: ProbeSlot) {
    super(breaker, state, call);
    this.#lease = new CancellationSource(call?.cancellation);
    slot.ends = this.#lease;
  }

  override get call(): Call | undefined {
    const probe = super.call;
    return probe?.as(probe.attempt, this.#lease);
  }
}
