import type { Library } from './libraries';

/** A program that imports as much of a library as the work needs, by the paths that its documentation names. */
export interface Program {
  readonly library: Library;
  readonly source: string;
  readonly lacks?: string;
}

const cockatiel = (names: string): string => `export { ${names}, handleAll } from 'cockatiel';`;
const effect = (modules: readonly string[]): string => modules.map((name) => `export * as ${name} from 'effect/${name}';`).join('\n');
const mollitia = (names: string): string => `export { Circuit, ${names} } from 'mollitia';`;

const OPOSSUM = `export { default } from 'opossum';`;
const P_RETRY = `export { default as retry } from 'p-retry';`;

/** What a retry needs. */
export const retryPrograms: readonly Program[] = [
  { library: 'breaker-box', source: `export { withRetry } from 'breaker-box';` },
  { library: 'cockatiel', source: cockatiel('retry, ExponentialBackoff') },
  { library: 'effect', source: effect(['Effect', 'Schedule']) },
  { library: 'exponential-backoff', source: `export { backOff } from 'exponential-backoff';` },
  { library: 'mollitia', source: mollitia('Retry, RetryMode') },
  { library: 'p-retry', source: P_RETRY },
];

/** What a circuit breaker needs. */
export const breakerPrograms: readonly Program[] = [
  { library: 'breaker-box', source: `export { withBreaker } from 'breaker-box';` },
  { library: 'cockatiel', source: cockatiel('circuitBreaker, ConsecutiveBreaker') },
  { library: 'mollitia', source: mollitia('SlidingCountBreaker') },
  { library: 'opossum', source: OPOSSUM },
];

/** What a retry, a breaker, a bulkhead and a timeout need. */
export const stackPrograms: readonly Program[] = [
  { library: 'breaker-box', source: `export { withPipeline, retry, circuitBreaker, bulkhead, timeout } from 'breaker-box';` },
  {
    library: 'cockatiel',
    source: cockatiel('retry, ExponentialBackoff, circuitBreaker, ConsecutiveBreaker, bulkhead, timeout, TimeoutStrategy, wrap'),
  },
  { library: 'effect', lacks: 'a breaker', source: effect(['Effect', 'Schedule', 'Semaphore']) },
  { library: 'mollitia', source: mollitia('Retry, RetryMode, SlidingCountBreaker, Bulkhead, Timeout') },
  { library: 'opossum', lacks: 'a retry', source: OPOSSUM },
];
