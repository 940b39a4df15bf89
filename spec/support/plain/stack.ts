import type { TimerClock } from '../timer-clock';
import { plainBreaker } from './breaker';
import { plainBulkhead } from './bulkhead';
import { plainCache } from './cache';
import { plainChaos } from './chaos';
import { plainFallback } from './fallback';
import { plainHedge } from './hedge';
import type { Layer, MakeLayer, World } from './layer';
import { plainRateLimit } from './rate-limit';
import { plainRetry } from './retry';
import { plainThrottle } from './throttle';
import { plainTimeout } from './timeout';

/** Makes each policy from the options that the library's own gets. */
export const PLAIN = {
  retry: plainRetry,
  breaker: plainBreaker,
  timeout: plainTimeout,
  bulkhead: plainBulkhead,
  rateLimit: plainRateLimit,
  throttle: plainThrottle,
  fallback: plainFallback,
  hedge: plainHedge,
  cache: plainCache,
  chaos: plainChaos,
};

/** Nests policies, outermost first, around a function that is told its signal. */
export function nest(
  policies: readonly MakeLayer[],
  fn: (signal: AbortSignal, attempt: number, ...args: readonly unknown[]) => Promise<unknown>,
  clock: TimerClock,
  tell: World['tell'],
): (signal: AbortSignal, ...args: readonly unknown[]) => Promise<unknown> {
  const innermost: Layer = { isBlocked: () => false, run: async ({ signal, attempt, args }) => fn(signal, attempt, ...args) };
  const stack = policies.reduceRight((next, make) => make(next, { clock, tell }), innermost);
  return (signal, ...args) => stack.run({ args, signal, attempt: 1, deadline: Infinity });
}
