import { CancellationSource } from '../core/cancellation';
import type { Outcome } from '../core/outcome';
import type { Admission, Attempt, OwnPermit } from '../breaker/admission';
import type { Circuit } from '../breaker/circuit';
import type { Epoch } from '../breaker/epoch';
import { OpenEpoch } from '../breaker/open-epoch';
import { AttemptPermit } from '../breaker/permit';
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
  permitLater(attempt: Attempt): Promise<OwnPermit | undefined> | undefined;
  /** The probe of a slot has ended. */
  settle(slot: ProbeSlot, outcome: Outcome): void;
  /** Goes on as a process by itself does when an open time has passed. */
  probeAlone(): void;
}

/** The fleet has opened the circuit. When its time has passed, the fleet decides who probes. */
export class FleetOpenEpoch extends OpenEpoch {
  constructor(
    circuit: Circuit,
    number: number,
    openedAtMs: number,
    openTimeMs: number,
    private readonly slots: SlotSource,
  ) {
    super(circuit, number, openedAtMs, openTimeMs, 0);
  }

  override permit(attempt?: Attempt): OwnPermit | undefined {
    const { slots } = this;
    if (!this.passes()) return undefined;
    if (slots.governs && !slots.isHopeless) {
      slots.ask();
      return undefined;
    }
    slots.probeAlone();
    // Not necessarily half open: a listener may have reset or tripped the breaker meanwhile.
    return this.circuit.epoch === this ? undefined : this.circuit.epoch.permit(attempt);
  }

  permitLater(attempt: Attempt): Promise<OwnPermit | undefined> | undefined {
    return this.passes() ? this.slots.permitLater(attempt) : undefined;
  }

  override reschedule(): void {
    // The open time is the fleet's.
  }
}

/** The fleet tries whether the dependency is back; an attempt of this process passes with a slot. */
export class FleetHalfOpenEpoch implements Epoch {
  readonly state = 'half_open';
  readonly #running = new Map<OwnPermit, ProbeSlot>();

  constructor(
    private readonly circuit: Circuit,
    readonly number: number,
    private readonly slots: SlotSource,
  ) {}

  admit(attempt: Attempt): Admission | undefined {
    return this.permit(attempt);
  }

  permit(attempt?: Attempt): OwnPermit | undefined {
    const { slots, circuit } = this;
    if (!slots.governs) return this.#permitAlone(attempt);
    const slot = slots.takeSlot();
    if (slot === undefined) return undefined;
    const probe = new FleetProbe(circuit, this, attempt, slot);
    this.#running.set(probe, slot);
    slot.begin();
    probe.announce();
    return probe;
  }

  permitLater(attempt: Attempt): Promise<OwnPermit | undefined> | undefined {
    return this.slots.permitLater(attempt);
  }

  release(probe: OwnPermit, outcome: Outcome): boolean {
    const slot = this.#running.get(probe);
    if (slot === undefined) return false;
    this.#running.delete(probe);
    const isHeld = slot.isHeld;
    this.slots.settle(slot, this.circuit.isDisabled ? 'ignored' : outcome);
    return isHeld;
  }

  // The store counts, and its answer is followed.
  countSuccess(): void {}

  countFailure(): void {}

  #permitAlone(attempt: Attempt | undefined): OwnPermit | undefined {
    // A probe of this process that began with a slot may tell soon.
    if (this.#running.size > 0) return undefined;
    this.slots.probeAlone();
    return this.circuit.epoch === this ? undefined : this.circuit.epoch.permit(attempt);
  }
}

/** The permit of a probe that has a slot of the fleet's, and ends with it. */
class FleetProbe extends AttemptPermit {
  readonly lease: CancellationSource;

  constructor(circuit: Circuit, epoch: Epoch, attempt: Attempt | undefined, slot: ProbeSlot) {
    super(circuit, epoch, attempt, true);
    this.lease = new CancellationSource(attempt?.cancellation);
    slot.ends = this.lease;
  }
}
