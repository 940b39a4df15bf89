import type { PolicyEvent } from '../core/events';

/** Another run of an attempt was started beside it. */
export interface HedgeEvent extends PolicyEvent<'hedge'> {
  /** From 1. */
  readonly hedge: number;
  /** Milliseconds after the run before; 0 when that had failed. */
  readonly delay: number;
}

export type HedgeEvents = { hedge: HedgeEvent };
