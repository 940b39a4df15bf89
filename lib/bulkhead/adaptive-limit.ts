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

export interface AimdSettings extends LimitBounds {
  /** What a drop leaves of the limit; from 0.5, below 1. */
  readonly backoffRatio: number;
  /** A call that takes longer is a drop, in milliseconds. */
  readonly slowCallDuration: number | undefined;
}

/**
 * Additive increase, multiplicative decrease, as TCP controls congestion: a window of calls that work adds one to the limit
 * (each call adds `1 / limit`), a drop multiplies it by `backoffRatio` and takes one off at least. A drop is a failure, or a
 * call that took longer than `slowCallDuration`.
 *
 * Calls that were running when the limit was lowered do not lower it again (RFC 6582 reduces once for each window of data),
 * and it grows only while at least half of it is used (RFC 7661): more says nothing about a limit that is not reached.
 *
 * @see D. Chiu, R. Jain: Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks, 1989
 * @see https://www.rfc-editor.org/rfc/rfc5681#section-3.1
 * @see https://github.com/Netflix/concurrency-limits (`AIMDLimit`)
 */
export class AimdLimit implements AdaptiveLimit {
  round = 0;
  #exact: number;

  constructor(private readonly settings: AimdSettings) {
    this.#exact = settings.initialLimit;
  }

  get limit(): number {
    return Math.floor(this.#exact);
  }

  record({ round, running, durationMs, isFailure }: Sample): void {
    if (round !== this.round) return;
    const { slowCallDuration = Infinity } = this.settings;
    if (isFailure || durationMs > slowCallDuration) this.#decrease();
    else if (running >= this.#exact / 2) this.#exact = within(this.settings, this.#exact + 1 / this.#exact);
  }

  #decrease(): void {
    const oneLess = this.limit - 1;
    this.#exact = within(this.settings, Math.min(oneLess, this.#exact * this.settings.backoffRatio));
    this.round++;
  }
}
