export { testKit, type TestKit, type TestKitOptions } from './kit';
export type { FaultOptions } from './fault';
export type { TestSubject } from './subject';
export { describePipeline } from '../protect/describe-pipeline';
