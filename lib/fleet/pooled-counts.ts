import type { Bucket, Record } from './record';
import type { Counts, Limits } from './shared-store';

type Window = Extract<Limits, { window: unknown }>;

/** Adds what a process has counted to what all have. */
export function pool(record: Record, counts: Counts, limits: Limits, now: number): Record {
  // Whether a success came before or after what others failed is not known; one that nothing followed ends the streak.
  const streak = counts.streak === 0 ? 0 : record.streak + counts.streak;
  return { ...record, streak, buckets: 'window' in limits ? within(limits, added(record.buckets, counts, limits, now), now) : [] };
}

/** Whether pooled counts open the breaker. */
export function reaches({ streak, buckets }: Record, limits: Limits): boolean {
  if (!('window' in limits)) return streak >= limits.failureThreshold;
  const calls = sum(buckets, 'calls');
  if (calls === 0 || calls < limits.minimumCalls) return false;
  return sum(buckets, 'failures') / calls >= limits.failureRate || sum(buckets, 'slow') / calls >= limits.slowRate;
}

/** Reports that come close to each other share a bucket, so that there are never many. */
function added(buckets: readonly Bucket[], { calls, failures, slow }: Counts, { window, size }: Window, now: number): Bucket[] {
  const last = buckets.at(-1);
  const isNear = last !== undefined && (window === 'time' ? now - last.at < size / 10 : last.calls < size / 20);
  if (!isNear) return [...buckets, { at: now, calls, failures, slow }];
  return [
    ...buckets.slice(0, -1),
    { at: last.at, calls: last.calls + calls, failures: last.failures + failures, slow: last.slow + slow },
  ];
}

/** Without those that are too old: of a count window, those that the newer ones fill it without. */
function within({ window, size }: Window, buckets: readonly Bucket[], now: number): readonly Bucket[] {
  if (window === 'time') return buckets.filter(({ at }) => at > now - size);
  let newer = 0;
  let first = buckets.length;
  while (first > 0 && newer < size) newer += buckets[--first]?.calls ?? 0;
  return buckets.slice(first);
}

function sum(buckets: readonly Bucket[], part: 'calls' | 'failures' | 'slow'): number {
  return buckets.reduce((total, bucket) => total + bucket[part], 0);
}
