import fc from 'fast-check';
import {
  bulkhead, cache, chaos, circuitBreaker, fallback, hedge, rateLimit, retry, throttle, timeout, type Policy,
} from '../../../lib';
import type { MakeLayer } from '../../support/plain/layer';
import { PLAIN } from '../../support/plain/stack';

/** A policy twice: the library's, and the plain one. */
export interface Pair {
  readonly policy: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly own: (common: object) => Policy;
  readonly plain: MakeLayer;
}

function pair<O extends object>(policy: keyof typeof PLAIN, make: (options: never) => Policy, options: O, forOwn: object = options): Pair {
  return {
    policy,
    options: options as Pair['options'],
    own: (common) => make({ ...common, ...forOwn } as never),
    plain: PLAIN[policy](options as never),
  };
}

/**
 * Times of which no two sums are equal, as far as a scenario goes: what happens in the same millisecond happens in an order
 * that no rule settles.
 */
const unlike = fc.noShrink(fc.noBias(fc.integer({ min: 1, max: 2 ** 30 - 1 })));
const time = (min: number, max: number): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min, max }), unlike).map(([whole, part]) => whole + part / 2 ** 30);

const pairs: Record<keyof typeof PLAIN, fc.Arbitrary<Pair>> = {
  retry: fc
    .record({ maxAttempts: fc.integer({ min: 1, max: 4 }), baseDelay: time(1, 30) })
    .map((options) => pair('retry', retry, options, { ...options, jitter: false })),
  breaker: fc
    .record({ failureThreshold: fc.integer({ min: 1, max: 4 }), recoveryTimeout: time(10, 90) })
    .map((options) => pair('breaker', circuitBreaker, options)),
  timeout: fc
    .record({ duration: time(5, 80), mode: fc.constantFrom('abandon' as const, 'cooperative' as const) })
    .map((options) => pair('timeout', timeout, options)),
  bulkhead: fc
    .record({ maxConcurrent: fc.integer({ min: 1, max: 3 }), maxQueue: fc.integer({ min: 1, max: 3 }), maxWait: time(5, 80) })
    .map((options) => pair('bulkhead', bulkhead, options)),
  rateLimit: fc
    .record({
      limit: fc.integer({ min: 1, max: 4 }), interval: time(20, 100), burst: fc.integer({ min: 1, max: 3 }), maxWait: time(1, 80),
    })
    .map((options) => pair('rateLimit', rateLimit, options)),
  throttle: fc
    .record({ k: fc.constantFrom(1, 1.5, 2), maxRejection: fc.constantFrom(0.5, 0.9) })
    .map((options) => pair('throttle', throttle, { ...options, random: () => 0.4 }, { ...options, random: () => 0.4, window: '1d' })),
  fallback: fc.constant(pair('fallback', fallback, { use: (_error: unknown, arg: unknown) => `instead of ${String(arg)}` })),
  hedge: fc
    .record({ delay: time(2, 40), maxHedges: fc.integer({ min: 1, max: 2 }) })
    .map((options) => pair('hedge', hedge, options, { ...options, idempotent: true })),
  cache: fc.record({ ttl: time(10, 200) }).map((options) => pair('cache', cache, options)),
  chaos: fc
    .oneof(
      fc.record({ latency: time(1, 40) }),
      fc.constant({ fault: new Error('chaos') }),
      fc.constant({ result: 'chaos' }),
    )
    .map((options) => pair('chaos', chaos, options, { ...options, enabled: true })),
};

/** Policies in any order, repeats included; of breakers there is one at most. */
export const stacks: fc.Arbitrary<Pair[]> = fc
  .array(fc.oneof(...Object.values(pairs).map((arbitrary, index) => ({ arbitrary, weight: index < 8 ? 4 : 1 }))), { minLength: 1, maxLength: 6 })
  .map((stack) => stack.filter(({ policy }, at) => policy !== 'breaker' || stack.findIndex((one) => one.policy === 'breaker') === at));

/** Those of which nothing can be seen that no rule settles: what happens first in the same moment. */
export const settledStacks = stacks.map((stack) => stack.filter((one, at) => !isTie(one, stack.slice(0, at), stack.slice(at + 1))));

function isTie({ policy, options }: Pair, around: readonly Pair[], inside: readonly Pair[]): boolean {
  const isAround = (...policies: string[]): boolean => around.some((one) => policies.includes(one.policy));
  // The runs of a hedge that wait for each other, be it for a slot or for the one run that they share, end in the same moment,
  // and the first to do so ends or starts others.
  if (policy === 'bulkhead') return isAround('hedge');
  // The calls that share one run fail in the same moment: a retry around them tries all of them again in the same moment, too, or
  // none any more, as one of them opens the circuit.
  if (policy === 'cache') return isAround('hedge', 'retry');
  // When a time is up, the next attempt may begin in the moment in which the abandoned one opens the circuit, or is counted.
  const isAbandoning = policy === 'timeout' && options.mode === 'abandon';
  return isAbandoning && isAround('retry', 'hedge', 'bulkhead') && inside.some((one) => ['breaker', 'throttle'].includes(one.policy));
}

/** How one run of the function ends: `heeds` is when its signal aborts, or else much later. */
export interface Run {
  readonly ends: 'works' | 'fails' | 'throws' | 'heeds' | 'hangs';
  readonly after: number;
}

interface Caller {
  readonly at: number;
  readonly arg: number;
  /** When it gives up. */
  readonly abortAt: number | undefined;
}

export interface Scenario {
  readonly runs: readonly Run[];
  readonly callers: readonly Caller[];
}

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  runs: fc.array(fc.record({ ends: fc.constantFrom<Run['ends']>('works', 'works', 'fails', 'fails', 'throws', 'heeds', 'hangs'), after: time(1, 60) }), {
    minLength: 1,
    maxLength: 8,
  }),
  callers: fc.array(fc.record({ at: time(0, 150), arg: fc.integer({ min: 0, max: 1 }), abortAt: fc.option(time(0, 200), { nil: undefined, freq: 3 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
});
