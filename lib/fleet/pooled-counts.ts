import type { ResolvedBreakerOptions } from '../breaker/options';
import { FOREVER, type PooledCounts } from './record';

/** What a process has counted since its last report. */
export interface Counts {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Those of the failures that no success has followed. */
  readonly streak: number;
}

/** When pooled counts open the breaker: on failures in a row, or on the rates of a window. */
export type Limits =
  | { readonly failureThreshold: number }
  | {
      readonly window: 'count' | 'time';
      /** Calls, or milliseconds. */
      readonly size: number;
      readonly minimumCalls: number;
      readonly failureRate: number;
      /** Above 1: never. */
      readonly slowRate: number;
    };

/** Of which a rate is never reached. */
const NEVER = 2;

/** The limits of a breaker. Undefined where pooled counts do not tell: for a number of failures in a time, and a rule of the user's own. */
export function limitsOf({ window, failureThreshold, tripRule }: ResolvedBreakerOptions): Limits | undefined {
  if (tripRule !== undefined || (window !== undefined && 'failures' in window)) return undefined;
  if (window === undefined) return { failureThreshold: Math.min(failureThreshold, FOREVER) };
  const { type, failureRate, slowCallRate: slowRate = NEVER } = window;
  const size = type === 'count' ? window.size : window.duration;
  return { window: type, size, minimumCalls: window.minimumCalls ?? (type === 'count' ? size : 20), failureRate, slowRate };
}

type Window = Extract<Limits, { window: unknown }>;

type Bucket = PooledCounts['buckets'][number];

/**
 * Adds what a process has counted to what all have.
 *
 * A success ends the row of failures only when its process knew of the row before (`after` names it): of any other success it is not known whether it came
 * before the failures, and the first report of each process after the beginning of an outage has some of those.
 *
 * @param after - `since` of the counts that the process knew when it began to count these.
 * @returns Undefined: there is nothing left to count.
 */
export function pool(before: PooledCounts | undefined, counts: Counts, after: number | undefined, limits: Limits, nowMicros: number): PooledCounts | undefined {
  const nowMs = Math.floor(nowMicros / 1000);
  const endsRow = before !== undefined && after === before.since && counts.calls > counts.failures;
  const streak = (endsRow ? 0 : (before?.streak ?? 0)) + counts.streak;
  const buckets = 'window' in limits ? within(limits, added(before?.buckets ?? [], counts, limits, nowMs), nowMs) : [];
  if (streak === 0 && !buckets.some(({ failures, slow }) => failures + slow > 0)) return undefined;
  const isNew = before === undefined || (endsRow && !('window' in limits));
  return { since: isNew ? Math.max(nowMicros, (before?.since ?? 0) + 1) : before.since, streak, buckets, ...(!isNew && before.decision && { decision: before.decision }) };
}

/** Whether pooled counts open the breaker. */
export function reaches({ streak, buckets }: PooledCounts, limits: Limits): boolean {
  if (!('window' in limits)) return streak >= limits.failureThreshold;
  const calls = sum(buckets, 'calls');
  if (calls === 0 || calls < limits.minimumCalls) return false;
  return sum(buckets, 'failures') / calls >= limits.failureRate || sum(buckets, 'slow') / calls >= limits.slowRate;
}

/** Reports that come close to each other share a bucket, so that there are never many. */
function added(buckets: readonly Bucket[], { calls, failures, slow }: Counts, { window, size }: Window, nowMs: number): readonly Bucket[] {
  if (calls === 0) return buckets;
  const last = buckets.at(-1);
  const isNear = last !== undefined && (window === 'time' ? nowMs - last.at < size / 10 : last.calls < size / 20);
  if (!isNear) return [...buckets, { at: nowMs, calls, failures, slow }];
  return [...buckets.slice(0, -1), { at: last.at, calls: last.calls + calls, failures: last.failures + failures, slow: last.slow + slow }];
}

/** Without those that are too old: of a count window, those that the newer ones fill it without. */
function within({ window, size }: Window, buckets: readonly Bucket[], nowMs: number): readonly Bucket[] {
  // Those of a later time are from before the server's clock was set back.
  if (window === 'time') return buckets.filter(({ at }) => Math.abs(nowMs - at) < size);
  let newer = 0;
  let first = buckets.length;
  while (first > 0 && newer < size) newer += buckets[--first]?.calls ?? 0;
  return buckets.slice(first);
}

function sum(buckets: readonly Bucket[], part: 'calls' | 'failures' | 'slow'): number {
  return buckets.reduce((total, bucket) => total + bucket[part], 0);
}
