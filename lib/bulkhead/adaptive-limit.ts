/** Under which conditions a call was admitted. */
export interface Admitted {
  /** The limit's round. */
  readonly round: number;
  /** Calls that ran then, itself included. */
  readonly running: number;
}

/** What a call has shown of how many calls its dependency takes at a time. */
export interface Sample extends Admitted {
  /** How long it took, from its slot on: a wait in the queue says nothing about the dependency. */
  readonly durationMs: number;
  readonly isFailure: boolean;
}

/** A limit that learns from the calls it lets through. */
export interface AdaptiveLimit {
  /** Calls that may run at a time; a whole number, from `minLimit` to `maxConcurrent`. */
  readonly limit: number;
  /**
   * Grows when the limit was corrected. A call of an earlier round ran beside more or fewer others than there may be now, and
   * counts for nothing: else one overload would be answered once for each call that was in it.
   */
  readonly round: number;
  record(sample: Sample): void;
}

/** Between which bounds a limit moves, and where it starts. */
export interface LimitBounds {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
}

export function within({ minLimit, maxLimit }: LimitBounds, limit: number): number {
  return Math.max(minLimit, Math.min(maxLimit, limit));
}
