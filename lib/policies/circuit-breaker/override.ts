import * as v from 'valibot';
import type { Clock } from '../../core/clock';
import type { Duration } from '../../core/duration';
import { duration, options, resolve, text } from '../../core/options';
import type { OverrideKind } from './events';

/** How long an operator's override lasts, and why. */
export interface OverrideOptions {
  /** Time after which it ends by itself; > 0. @defaultValue it lasts until `clearOverride()` */
  for?: Duration | undefined;
  /** For the people who read the event. */
  reason?: string | undefined;
}

const overrideSchema = options({
  for: v.optional(duration({ exclusive: true, infinity: true }), Infinity),
  reason: v.optional(text()),
});

/** What an operator laid over the state machine, which goes on beneath. */
export interface Override {
  readonly kind: OverrideKind;
  /** By the monotonic clock; `Infinity` when it lasts until it is cleared. */
  readonly untilMs: number;
  readonly reason: string | undefined;
}

/** @throws {@link ConfigurationError} */
export function toOverride(kind: OverrideKind, given: OverrideOptions | undefined, operation: string, clock: Clock): Override {
  const { for: lastsMs, reason } = resolve(overrideSchema, given ?? {}, `${kind} of ${operation}`);
  return { kind, untilMs: lastsMs === Infinity ? Infinity : clock.now() + lastsMs, reason };
}
