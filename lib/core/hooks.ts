import type { Clock } from './clock';
import type { RegistryRef } from './options';
import type { Driver, LayerContext } from './policy';
import type { Random } from './random';
import type { Mode } from './run';
import { shared } from './shared';

/** The layers that a test puts into a pipeline. */
export interface PipelineHook {
  /** Around all policies. It is folded in after `innermost`. */
  readonly outermost: Driver;
  /** Inside all policies, around the function. */
  readonly innermost: Driver;
}

/** A wait between two attempts of a call. */
export interface Pause {
  /** Identifies who waits: the same object for all calls of one retry. */
  readonly owner: object;
  readonly operation: string;
  readonly delayMs: number;
  readonly clock: Clock;
}

/**
 * Where the test kit takes part: nobody else sets these. All copies of the package share them. The kit also exchanges the methods of `systemClock` and
 * of its age clock, which costs nothing where nobody tests.
 */
export interface Hooks {
  /** Called whenever a pipeline is composed. */
  pipeline?: ((context: LayerContext, mode: Mode) => PipelineHook) | undefined;
  /** Called with each breaker that is made, those of no registry too. */
  breakerMade?: (breaker: object) => void;
  /** Called of each change of a breaker's state, before its observers. It must not throw. */
  transition?: (breaker: object, transition: object) => void;
  /** Called with each registry that is made. */
  registryMade?: (registry: RegistryRef) => void;
  /** Called before each wait between attempts. @returns When the wait is over; undefined when it is to take its time. */
  pause?: (pause: Pause) => Promise<void> | undefined;
  /** Where chance comes from now; undefined: from `Math.random`. */
  random?: () => Random | undefined;
  /** A test keeps an account of all timers: none is shared, and no real time is used. */
  ownsTime?: boolean;
}

export const hooks = /* @__PURE__ */ shared<Hooks>('hooks', () => ({}));
