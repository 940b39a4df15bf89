/** The types of options: what a mistake in one looks like to a compiler. */
import { expectTypeOf } from 'expect-type';
import {
  BreakerRegistry, circuitBreaker, retry, RetryBudget, retryBudget, withBreaker, withPolicies, type BreakerOptions, type RetryOptions,
} from '../../lib';

/** Durations: milliseconds, or a string with a unit. */
expectTypeOf<60_000>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'250ms'>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'60s'>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'1.5s'>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'5m'>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'2h'>().toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'1d'>().toExtend<RetryOptions['maxDelay']>();
expectTypeOf<'60x'>().not.toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'60'>().not.toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'s'>().not.toExtend<BreakerOptions['recoveryTimeout']>();
expectTypeOf<'soon'>().not.toExtend<RetryOptions['baseDelay']>();
expectTypeOf<string>().not.toExtend<RetryOptions['baseDelay']>();
// Should the type of durations ever become `any`, the lines above could not tell.
expectTypeOf<BreakerOptions['recoveryTimeout']>().not.toBeAny();
expectTypeOf<RetryOptions['baseDelay']>().not.toBeAny();

/** `undefined` means the default, `null` is an error. */
expectTypeOf<{ failureThreshold: undefined; recoveryTimeout: undefined }>().toExtend<BreakerOptions>();
expectTypeOf<{ maxAttempts: undefined; jitter: undefined }>().toExtend<RetryOptions>();
expectTypeOf<null>().not.toExtend<BreakerOptions['failureThreshold']>();
expectTypeOf<null>().not.toExtend<RetryOptions['maxAttempts']>();
expectTypeOf<{}>().toExtend<BreakerOptions>();
expectTypeOf<{}>().toExtend<RetryOptions>();

class HttpError extends Error {
  readonly status = 500;
}

export const breakerOptions: BreakerOptions[] = [
  { failureThreshold: Infinity, recoveryTimeout: Infinity },
  { window: { type: 'count', size: 100, minimumCalls: 20, failureRate: 0.5 } },
  { window: { type: 'time', duration: '10s', slowCallDuration: '2s', slowCallRate: 0.8 } },
  { recoveryBackoff: { factor: 2, max: '10m', jitter: 0.1 } },
  { halfOpen: { maxCalls: 3, successThreshold: 2, probeTimeout: '5s' } },
  { handle: HttpError, ignore: [TypeError, RangeError] },
  { handle: (error) => error instanceof HttpError && error.status >= 500 },
  { handleResult: () => false },
  { classify: (outcome) => (outcome.ok ? 'success' : 'failure') },
  { key: (host: string) => host, maxKeys: 10, idleKeys: '1m' },
  { scope: 'instance' },
  { rejectionStacks: true },
  { name: 'payments.charge', registry: new BreakerRegistry(), random: () => 0.5 },
];

export const retryOptions: RetryOptions[] = [
  { maxAttempts: Infinity, maxElapsed: '1m' },
  { backoff: 'decorrelated', baseDelay: 100, maxDelay: '5s', exponentialBase: 1.5 },
  { backoff: (attempt) => attempt * 100 },
  { backoff: () => '1s' },
  { jitter: true },
  { jitter: 'equal' },
  { jitter: 0.2 },
  { attemptTimeout: '2s', respectRetryAfter: false },
  { waitForCircuit: true, maxElapsed: '10s' },
  { budget: retryBudget({ ratio: 0.2, minPerSecond: 10, ttl: '10s' }) },
  { budget: new RetryBudget() },
  // @ts-expect-error: plain data, which only the object form takes
  { budget: { ratio: 0.2 } },
  { signal: new AbortController().signal },
  { onRetry: ({ attempt, delay, operation }) => void `${operation} ${attempt + delay}` },
];

/** Errors are `unknown` to predicates, as they are in a `catch`. */
expectTypeOf<(error: unknown) => boolean>().toExtend<BreakerOptions['handle']>();
expectTypeOf<(error: HttpError) => boolean>().not.toExtend<BreakerOptions['handle']>();

const fetchUser = async (id: string): Promise<string> => id;

// @ts-expect-error: not a duration
withBreaker(fetchUser, { recoveryTimeout: '60x' });
// @ts-expect-error: a mistyped option
withBreaker(fetchUser, { failureTreshold: 3 });
// @ts-expect-error: a mistyped option of an option
withBreaker(fetchUser, { halfOpen: { maxCall: 3 } });
// @ts-expect-error: no such window
withBreaker(fetchUser, { window: { type: 'calls', size: 3 } });
// @ts-expect-error: the size belongs to a count window
withBreaker(fetchUser, { window: { type: 'time', size: 3 } });
// @ts-expect-error: no such scope
withBreaker(fetchUser, { scope: 'process' });
// @ts-expect-error: a key is a string
withBreaker(fetchUser, { key: () => 1 });
// @ts-expect-error: one of the three outcomes
withBreaker(fetchUser, { classify: () => 'bad' });
// @ts-expect-error: no such strategy
retry({ backoff: 'quadratic' });
// @ts-expect-error: no such jitter
retry({ jitter: 'some' });
// @ts-expect-error: an option of another policy
retry({ failureThreshold: 3 });
// @ts-expect-error: an option of another policy
circuitBreaker({ maxAttempts: 3 });
// @ts-expect-error: no such policy
withPolicies(fetchUser, { retries: { maxAttempts: 3 } });
// @ts-expect-error: not a duration, deep inside
withPolicies(fetchUser, { breaker: { recoveryTimeout: '60x' } });
// @ts-expect-error: not a policy
withPolicies(fetchUser, [{ maxAttempts: 3 }]);
