export { testKit, type TestKit, type TestKitOptions } from './kit';
export { storeContract, type StoreCheck, type StoreSubject } from './store-contract';
export type { FaultOptions } from './fault';
export type { TestSubject } from './subject';
export { describePipeline } from '../protect/describe-pipeline';
