import type { Call } from '../core/call';
import { CancellationSource } from '../core/cancellation';
import type { Outcome } from '../core/outcome';
import { Refusal, type Permit } from '../core/policy';
import { AttemptPermit } from '../breaker/permit';
import { reject } from '../breaker/rejection';
import { Open, type State } from '../breaker/states';
import type { ProbeSlot } from './probe-slot';
import type { SharedBreaker } from './shared-breaker';

/** Waits for a slot; without one, the attempt is rejected. */
function slotOr({ breaker, slots }: SharedBreaker, call: Call): Promise<Permit | Refusal> | undefined {
  const { cancellation } = call;
  return slots.permitLater(call)?.then((permit) => permit ?? new Refusal(cancellation?.aborted === true ? cancellation.reason : reject(breaker, call)));
}

/** The fleet has opened the circuit. When its time has passed, the fleet decides who probes. */
export class FleetOpen extends Open {
  constructor(
    private readonly shared: SharedBreaker,
    openTimeMs: number,
  ) {
    super(shared.breaker, shared.breaker.ageNow(), openTimeMs, 0);
  }

  override admit(call?: Call): Permit | undefined {
    const { governs, slots } = this.shared;
    if (!this.passes()) return undefined;
    if (!governs || slots.isHopeless) return this.shared.admitAlone(call);
    slots.ask();
    return undefined;
  }

  deny(call: Call): Promise<Permit | Refusal> | undefined {
    return this.passes() ? slotOr(this.shared, call) : undefined;
  }

  override reschedule(): void {
    // The open time is the fleet's.
  }
}

/** The fleet tries whether the dependency is back; an attempt of this process passes with a slot. */
export class FleetHalfOpen implements State {
  readonly kind = 'half_open';

  constructor(private readonly shared: SharedBreaker) {}

  admit(call?: Call): Permit | undefined {
    const { breaker, governs, slots } = this.shared;
    // While the store is away, each process decides by itself. But a probe of this process that began with a slot may tell soon.
    if (!governs) return slots.isProbing ? undefined : this.shared.admitAlone(call);
    const slot = slots.take();
    if (slot === undefined) return undefined;
    const probe = new FleetProbe(this.shared, this, call, slot);
    breaker.emit('probe', () => ({ ...probe.details(), duration: 0 }));
    return probe;
  }

  deny(call: Call): Promise<Permit | Refusal> | undefined {
    return slotOr(this.shared, call);
  }

  /** It counts also when its slot was lost, as long as this half-open period lasts. Otherwise a dependency whose answers take longer never recovers. */
  release(probe: FleetProbe, outcome: Outcome): boolean {
    const { breaker, slots } = this.shared;
    slots.settle(probe.slot, breaker.override === 'disabled' ? 'ignored' : outcome);
    return true;
  }

  record(): void {
    // The store counts, and its answer is followed.
  }
}

/** The permit of a probe that has a slot of the fleet's, and ends with it. */
class FleetProbe extends AttemptPermit {
  readonly #lease: CancellationSource;

  constructor(
    { breaker }: SharedBreaker,
    state: State,
    call: Call | undefined,
    readonly slot: ProbeSlot,
  ) {
    super(breaker, state, call);
    this.#lease = new CancellationSource(call?.cancellation);
    slot.begin(this.#lease);
  }

  override get call(): Call | undefined {
    const probe = super.call;
    return probe?.as(probe.attempt, this.#lease);
  }
}
