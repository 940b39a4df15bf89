import { withBreaker } from 'breaker-box';
import { do_not_optimize } from 'mitata';
import { byCircuitBreaker, byRetryOverCircuitBreaker } from './contenders/decorated';
import { heapBytes } from './heap';
import { each, failing, working, type Operation } from './operations';

const CALLS = 2_000_000;

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
