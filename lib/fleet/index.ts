export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store';
export type { SharingStats } from '../registry/fleet-reading';
export { shareBreakers, type SharedBreakers } from './share-breakers';
export type { ShareOptions } from './options';
export {
  FOREVER,
  SharedRecordError,
  type Answer,
  type Change,
  type Command,
  type Confirmed,
  type Counts,
  type FleetOverride,
  type Limits,
  type Quorum,
  type Sender,
  type SharedStore,
} from './shared-store';
export { StoreUnavailableError } from './store-unavailable-error';
export { storeContract, type StoreCheck, type StoreSubject } from './contract';
