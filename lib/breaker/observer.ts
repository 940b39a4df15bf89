import { wallTime, type Clock } from '../core/clock';
import { keyed, type EventSink, type Observer, type Observers } from '../core/observers';
import { sharedKey } from '../core/shared';
import { propertyOf } from '../core/safe-inspect';
import type { Breaker } from './breaker';
import type { BreakerEvents, BreakerState, EventDetails } from './events';
import type { FleetAct } from './override';
import type { TransitionReason } from './reasons';

/** A change of state, which is committed. */
export interface Transition {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: TransitionReason;
  /** As events have the reason: the text of `trip`, or of a rule of the user's own, in its place. */
  readonly text: string;
}

/**
 * Sees what happens to a breaker: its events, and what costs nothing at calls that succeed. Methods besides those of events are not contained: they must not throw.
 */
export interface BreakerObserver extends Observer<BreakerEvents> {
  /** The circuit has changed its state; before the event of it. */
  entered?(breaker: Breaker, transition: Transition): void;
  /** An attempt was admitted that has a permit of its own. To be told of all, an observer listens to `success` as well. */
  began?(): void;
  /** A failure has counted. Unlike a listener of the event, it does not make all attempts be timed. */
  failed?(breaker: Breaker): void;
  /**
   * Carries out an operator's act in all processes that share the breaker.
   *
   * @returns Settles when the store has done it, or cannot.
   */
  carryOut?(act: FleetAct): Promise<void>;
}

/** The observers of one breaker. */
export type BreakerObservers = Observers<BreakerEvents, BreakerObserver>;

/** Emits an event about a breaker, or about the counter in its place. It is built only when somebody listens. */
export function emitTo<E extends keyof BreakerEvents>(
  sinks: readonly (EventSink<BreakerEvents> | undefined)[],
  type: E,
  { name: operation, key, clock }: { readonly name: string; readonly key: string | undefined; readonly clock: Clock },
  details: () => EventDetails<E>,
): void {
  let event: BreakerEvents[E] | undefined;
  for (const sink of sinks) {
    if (sink?.has(type) === true) sink.emit(type, (event ??= { type, ...details(), operation, ...keyed(key), at: wallTime(clock) } as BreakerEvents[E]));
  }
}

/** Whether other processes share its state. */
export function isShared({ observers }: Breaker): boolean {
  return observers.some(({ carryOut }) => carryOut !== undefined);
}

/** Marks a breaker of any copy of the package, whose class is not ours. */
const BREAKER: unique symbol = /* @__PURE__ */ sharedKey('breaker') as never;

/** Whether a value is a breaker, of this copy of the package or of another. */
export function isBreaker(value: unknown): value is Breaker {
  return propertyOf(value, BREAKER) !== undefined;
}

type Inspect = (value: object, options: object) => string;

/** Marks the class, and says what `console.log` and `%o` print in Node, Deno and Bun: with `showHidden`, they would show the last failure. */
export function markBreakers(prototype: Breaker): void {
  Object.assign(prototype, { [BREAKER]: true });
  if (!__NODE__) return;
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: Breaker, depth: number, options: object, inspect: Inspect) {
      return `Breaker ${inspect(this.toJSON(), { ...options, depth })}`;
    },
  });
}
