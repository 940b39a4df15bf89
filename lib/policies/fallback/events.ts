import type { BaseEvent } from '../../core/events';

/** A call gets the fallback's answer. */
export interface FallbackEvent extends BaseEvent {
  readonly type: 'fallback';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** What it failed with. */
  readonly error: unknown;
}

export type FallbackEvents = { fallback: FallbackEvent };
