import type { AgeClock } from '../core/age-clock';
import type { Duration } from '../core/duration';
import { optional, options, resolve } from '../core/check';
import { duration, flag, text } from '../core/options';
import type { OverrideKind } from './events';

/** How long an operator's override lasts, and why. */
export interface OverrideOptions {
  /** Time after which it ends by itself; > 0. @defaultValue it lasts until `clearOverride()` */
  for?: Duration | undefined;
  /** For the people who read the event. */
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

/** What an operator does to a breaker in all processes. */
export type FleetAct =
  | { readonly kind: OverrideKind; readonly forMs: number; readonly reason: string | undefined }
  | { readonly kind: 'clear' };

const overrideSchema = options({
  for: optional(duration({ exclusive: true, infinity: true }), Infinity),
  reason: optional(text()),
  fleet: optional(flag()),
});

/** What an operator laid over the state machine, which goes on beneath. */
export interface Override {
  readonly kind: OverrideKind;
  /** By the time that states age by; `Infinity` when it lasts until it is cleared. */
  readonly untilMs: number;
  readonly reason: string | undefined;
}

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
