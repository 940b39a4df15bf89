import type { AnyFunction } from './call';
import { propertyOf } from './safe-inspect';

const BOUND: unique symbol = Symbol.for('breaker-box.bound-receiver') as never;

/**
 * Stands for `this` on the way through a pipeline whose function is another one for each instance, as that of a field is:
 * the instances share the pipeline, so the function travels with the call.
 */
export class BoundReceiver {
  /** Told by this: it may be of another copy of the package. */
  readonly [BOUND] = true;

  constructor(
    readonly self: unknown,
    readonly fn: AnyFunction,
  ) {}
}

/** The `this` that the caller gave, which is all that anybody but the pipeline may see. */
export function receiverOf(self: unknown): unknown {
  return propertyOf(self, BOUND) === true ? (self as BoundReceiver).self : self;
}
