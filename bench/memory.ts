import { Breaker, BreakerRegistry, withBreaker } from 'breaker-box';
import { do_not_optimize } from 'mitata';
import { byCircuitBreaker, byRetryOverCircuitBreaker } from './contenders/decorated';
import { each, failing, working, type Operation } from './operations';
import { median } from './statistics';

export const BREAKERS = 100_000;
const RUNS = 5;
const CALLS = 2_000_000;

/** Bytes of heap that one idle breaker with default options takes. */
export function breakerBytes(): number {
  return bytesEach(() => () => new Breaker());
}

/** The same for a breaker in a registry, its entry included; the names are there before and do not count. */
export function registeredBreakerBytes(): number {
  const names = Array.from({ length: BREAKERS }, (_, n) => JSON.stringify({ operation: n }));
  return bytesEach(() => {
    const registry = new BreakerRegistry();
    return (n) => registry.getOrCreate(names[n]!);
  });
}

/** Bytes each of a hundred thousand things: the median of several such heaps, each dropped before the next. */
function bytesEach(begin: () => (n: number) => unknown): number {
  const runs = Array.from({ length: RUNS }, () => {
    const kept = new Array<unknown>(BREAKERS).fill(undefined);
    const make = begin();
    const before = heapBytes();
    for (let n = 0; n < BREAKERS; n++) kept[n] = make(n);
    const after = heapBytes();
    do_not_optimize([kept, make]); // with the registry that `make` holds
    return (after - before) / BREAKERS;
  });
  do_not_optimize(undefined);
  return median(runs);
}

/** What the heap has grown by after two million calls, a quarter of them failing or rejected. */
export async function growthBytes(): Promise<number> {
  const calls: Operation[] = [
    ...each(working(), (operation) => withBreaker(operation)),
    ...each(working(), (operation) => withBreaker(operation, { window: { type: 'count', size: 100 } })),
    ...each(working(), (operation) => withBreaker(operation, { window: { type: 'time', duration: '1s' } })),
    ...each(working(), (operation) => withBreaker(operation, { key: (id: number) => `key-${id % 50}` })),
    ...byCircuitBreaker(),
    ...byRetryOverCircuitBreaker(),
    ...each(failing(), (operation) => withBreaker(operation, { failureThreshold: Infinity })),
    ...each(failing(), (operation) => withBreaker(operation, { recoveryTimeout: '1d' })),
  ];
  await make(calls, CALLS / 10); // what the compiler, the keys and the windows need at first
  const before = heapBytes();
  await make(calls, CALLS);
  const after = heapBytes();
  do_not_optimize(calls);
  return after - before;
}

async function make(calls: readonly Operation[], count: number): Promise<void> {
  let caught = 0;
  for (let i = 0; i < count; i++) {
    try {
      await calls[i % calls.length]!(i);
    } catch {
      caught++;
    }
  }
  if (caught * 4 !== count) throw new Error(`${caught} of ${count} calls failed, not a quarter`);
}

/** Twice, since what a finalizer lets go of is collected the next time. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('The benchmark needs node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
