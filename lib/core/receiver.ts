import type { AnyFunction } from './call';

/**
 * Stands for `this` on the way through a pipeline whose function is another one for each instance, as that of a field is:
 * the instances share the pipeline, so the function travels with the call.
 */
export class BoundReceiver {
  constructor(
    readonly self: unknown,
    readonly fn: AnyFunction,
  ) {}
}

/** The `this` that the caller gave, which is all that anybody but the pipeline may see. */
export function receiverOf(self: unknown): unknown {
  return self instanceof BoundReceiver ? self.self : self;
}
