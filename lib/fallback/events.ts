import type { PolicyEvent } from '../core/events';

/** A call gets the fallback's answer. */
export interface FallbackEvent extends PolicyEvent<'fallback'> {
  /** What it failed with. */
  readonly error: unknown;
}

export type FallbackEvents = { fallback: FallbackEvent };
