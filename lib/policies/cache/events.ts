import type { BaseEvent } from '../../core/events';

/** A call was looked up in the cache. */
export interface CacheEvent extends BaseEvent {
  readonly type: 'cache';
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
  /** `coalesced`: it joined a call in flight. */
  readonly outcome: 'hit' | 'miss' | 'coalesced';
}

export type CacheEvents = { cache: CacheEvent };
