import type { PolicyEvent } from '../core/events';

/** A call was looked up in the cache. */
export interface CacheEvent extends PolicyEvent<'cache'> {
  /** `coalesced`: it joined a call in flight. */
  readonly outcome: 'hit' | 'miss' | 'coalesced';
}

export type CacheEvents = { cache: CacheEvent };
