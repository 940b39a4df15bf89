import { do_not_optimize } from 'mitata';
import { median } from './statistics';

const RUNS = 5;

/**
 * Bytes of heap that each of so many things takes: the median of several such heaps, each dropped before the next.
 *
 * @param begin - Makes what all share, which does not count, and returns what makes the n-th.
 * @param drop - Lets go of what somebody else holds.
 */
export function bytesEach(count: number, begin: () => (n: number) => unknown, drop?: (kept: readonly unknown[]) => void): number {
  const runs = Array.from({ length: RUNS }, () => {
    const kept = new Array<unknown>(count).fill(undefined);
    const make = begin();
    const before = heapBytes();
    for (let n = 0; n < count; n++) kept[n] = make(n);
    const after = heapBytes();
    do_not_optimize([kept, make]); // with what `make` itself holds
    drop?.(kept);
    return (after - before) / count;
  });
  do_not_optimize(undefined);
  return median(runs);
}

/** Twice, since what a finalizer lets go of is collected the next time. */
export function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('The benchmark needs node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
