export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store';
export type { SharingStats } from '../registry/fleet-reading';
export { shareBreakers, type SharedBreakers } from './share-breakers';
export type { ShareOptions } from './options';
export type { Quorum } from './command';
export { StoreRefusalError, StoreUnavailableError, type Expected, type FleetStore, type Reading, type Stored, type StoreMoment, type Written } from './store';
