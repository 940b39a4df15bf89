import type { AgeClock } from '../core/clock';
import { type Duration, duration, flag } from '../core/options';
import { optional, options, resolve, when } from '../core/check';
import type { Call } from '../core/call';
import type { Outcome } from '../core/outcome';
import type { Permit } from '../core/policy';
import { ConfigurationError } from '../core/errors';
import type { Breaker } from './breaker';
import type { BreakerState, OverrideKind } from './events';
import { AttemptPermit } from './permit';
import type { Front, Override } from './states';

/** How long an operator's override lasts, and why. */
export interface OverrideOptions {
  /** Time after which it ends by itself; > 0. @defaultValue it lasts until `clearOverride()` */
  for?: Duration | undefined;
  /** For the people who read the event; at most 200 characters. */
  reason?: string | undefined;
  /**
   * Whether it holds in all processes that share the breaker; one of a process's own wins over it. The method returns a promise then, which
   * settles when the store of `shareBreakers` has it, or cannot.
   *
   * @defaultValue false: in this process
   */
  fleet?: boolean | undefined;
}

/** With `{ fleet: true }`, in all processes. */
export type FleetOverrideOptions = OverrideOptions & { fleet: true };

/** An operator's command for a breaker in all processes. */
export type FleetAct =
  | { readonly kind: OverrideKind; readonly forMs: number; readonly reason: string | undefined }
  | { readonly kind: 'clear' };

/** It is in every message and record of the override. */
const LONGEST_REASON = 200;

const overrideSchema = /* @__PURE__ */ options({
  for: optional(duration({ exclusive: true, infinity: true }), Infinity),
  reason: optional(when<string>((given) => typeof given === 'string' && given.length <= LONGEST_REASON, __DEV__ && `must be a string of at most ${LONGEST_REASON} characters`)),
  fleet: optional(flag()),
});

/** @throws {@link ConfigurationError} */
export function toOverride(kind: OverrideKind, given: OverrideOptions | undefined, operation: string, age: AgeClock): Override {
  const { for: lastsMs, reason } = resolve(overrideSchema, given ?? {}, `${kind} of ${operation}`);
  return { kind, untilMs: lastsMs === Infinity ? Infinity : age.now() + lastsMs, reason };
}

/** @throws {@link ConfigurationError} */
export function toFleetAct(kind: OverrideKind, given: OverrideOptions, operation: string): FleetAct {
  const { for: forMs, reason } = resolve(overrideSchema, given, `${kind} of ${operation}`);
  return { kind, forMs, reason };
}

/**
 * Puts an override in front of a breaker's state, in this process; undefined clears it. Then that of the fleet holds, if there is one.
 */
export function setOverride(breaker: Breaker, own: Override | undefined): void {
  place(breaker, own, fleetsOf(breaker));
  announce(breaker, breaker.front?.active);
}

/** The same, without an event. */
export function placeOverride(breaker: Breaker, own: Override | undefined): void {
  place(breaker, own, fleetsOf(breaker));
}

/** Puts an override in front of it in all processes that share it; one of this process's own goes before. */
export function setFleetOverride(breaker: Breaker, fleets: Override | undefined): void {
  const front = breaker.front as OverrideFront | undefined;
  const own = front !== undefined && isActive(breaker, front.own) ? front.own : undefined;
  place(breaker, own, fleets);
  if (own === undefined) announce(breaker, breaker.front?.active);
}

/**
 * Carries out an operator's act in all processes that share a breaker.
 *
 * @throws {@link ConfigurationError} when it is not shared.
 */
export function carryOut({ observers, name }: Breaker, act: FleetAct): Promise<void> {
  const sharing = observers.find((observer) => observer.carryOut !== undefined);
  if (sharing?.carryOut !== undefined) return sharing.carryOut(act);
  const message = 'goes with a breaker that processes share: call shareBreakers(registry, store) first, with `operations` that include it';
  throw new ConfigurationError(`${act.kind} of ${name}`, [{ path: 'fleet', message, received: true }], name);
}

/** The override of this process, else that of the fleet; also when its time is over. */
export function overrideOf(breaker: Breaker): Override | undefined {
  const front = breaker.front as OverrideFront | undefined;
  return front?.own ?? front?.fleets;
}

export function announce(breaker: Breaker, override: Override | undefined): void {
  breaker.emit('override', () => ({
    override: override?.kind,
    ...(override !== undefined && override.untilMs !== Infinity && { for: override.untilMs - breaker.ageNow() }),
    ...(override?.reason !== undefined && { reason: override.reason }),
  }));
}

function fleetsOf({ front }: Breaker): Override | undefined {
  return (front as OverrideFront | undefined)?.fleets;
}

function place(breaker: Breaker, own: Override | undefined, fleets: Override | undefined): void {
  const present = isActive(breaker, own) ? own : undefined;
  breaker.front = present === undefined && !isActive(breaker, fleets) ? undefined : new OverrideFront(breaker, present, fleets);
  breaker.wake();
}

function isActive(breaker: Breaker, override: Override | undefined): override is Override {
  return override !== undefined && (override.untilMs === Infinity || breaker.ageNow() < override.untilMs);
}

/** The states that calls meet under an override. In shadow the breaker has its own. */
const STATES = { forced_open: 'open', disabled: 'closed', shadow: undefined } as const;

/** An override in front of a breaker's state: this process's own, or else the fleet's. */
class OverrideFront implements Front {
  constructor(
    private readonly breaker: Breaker,
    readonly own: Override | undefined,
    readonly fleets: Override | undefined,
  ) {}

  get active(): Override | undefined {
    const { breaker, own, fleets } = this;
    if (isActive(breaker, own)) return own;
    return isActive(breaker, fleets) ? fleets : undefined;
  }

  get state(): BreakerState | undefined {
    const { active } = this;
    return active && STATES[active.kind];
  }

  get retryAfter(): number | undefined {
    const { active, state } = this;
    if (state === 'open') return active!.untilMs - this.breaker.ageNow();
    return state === 'closed' ? 0 : undefined;
  }

  admit(call?: Call): Permit | undefined {
    const { breaker, active } = this;
    switch (active?.kind) {
      case undefined:
        // It has ended: calls need not look at it again.
        breaker.front = undefined;
        return breaker.current.admit(call);
      case 'forced_open':
        return undefined;
      case 'disabled':
        return new UnrecordedPermit(breaker, undefined, call);
      case 'shadow':
        return breaker.current.admit(call) ?? new ShadowPermit(breaker, undefined, call);
    }
  }
}

/** Admitted while the breaker is disabled. */
class UnrecordedPermit extends AttemptPermit {
  protected override record(): undefined {
    return undefined;
  }
}

/** Admitted in shadow, where the state would have rejected it. */
class ShadowPermit extends AttemptPermit {
  override details() {
    return { ...super.details(), wouldReject: true as const };
  }

  protected override record(outcome: Outcome): Outcome | undefined {
    return this.breaker.override === 'disabled' ? undefined : outcome;
  }
}
