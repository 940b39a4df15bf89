import { options as optionsOf, flag, resolve } from '../core/options';
import * as v from 'valibot';
import { Breaker } from './breaker';
import { configureBreaker } from './configure';
import type { OverrideKind } from './events';
import type { BreakerOptions } from './options';
import { carryOut, setOverride, toFleetAct, toOverride, type FleetOverrideOptions, type OverrideOptions } from './override';
import { restoreTo, snapshotOf, type BreakerSnapshot } from './snapshot';

// Until they are functions of `breaker-box/operate` only.

declare module './breaker' {
  interface Breaker {
    /** Rejects all calls until cleared, or until `for` ends; then the breaker goes on in the state it had. */
    forceOpen(options: FleetOverrideOptions): Promise<void>;
    forceOpen(options?: OverrideOptions): void;
    /** Admits all calls and records nothing. */
    disable(options: FleetOverrideOptions): Promise<void>;
    disable(options?: OverrideOptions): void;
    /** Runs the state machine as usual, but admits all calls, and marks in the events those it would have rejected. */
    shadow(options: FleetOverrideOptions): Promise<void>;
    shadow(options?: OverrideOptions): void;
    /** Takes the override away: this process's, or with `fleet` that of all processes that share the breaker. */
    clearOverride(options: { fleet: true }): Promise<void>;
    clearOverride(): void;
    /** {@link configureBreaker} */
    configure(options: BreakerOptions): void;
    /** Its whole state as plain JSON. */
    snapshot(): BreakerSnapshot;
    /** {@link restoreTo} */
    restore(snapshot: BreakerSnapshot): void;
  }
}

function overrides(kind: OverrideKind) {
  return function (this: Breaker, options?: OverrideOptions): void | Promise<void> {
    const override = toOverride(kind, options, this.name, this.settings.age);
    if (options?.fleet === true) return carryOut(this, toFleetAct(kind, options, this.name));
    setOverride(this, override);
  } as Breaker['forceOpen'];
}

const clearingSchema = optionsOf({ fleet: v.optional(flag(), false) });

Object.defineProperties(Breaker.prototype, Object.fromEntries(Object.entries<(this: Breaker, ...args: never[]) => unknown>({
  forceOpen: overrides('forced_open'),
  disable: overrides('disabled'),
  shadow: overrides('shadow'),
  clearOverride(this: Breaker, options?: { fleet?: boolean }) {
    if (resolve(clearingSchema, options ?? {}, `clearOverride of ${this.name}`).fleet) return carryOut(this, { kind: 'clear' });
    setOverride(this, undefined);
    return undefined;
  },
  configure(this: Breaker, options: BreakerOptions) {
    configureBreaker(this, options);
  },
  snapshot(this: Breaker) {
    return snapshotOf(this);
  },
  restore(this: Breaker, snapshot: BreakerSnapshot) {
    restoreTo(this, snapshot);
  },
}).map(([name, value]) => [name, { value, configurable: true, writable: true }])));
