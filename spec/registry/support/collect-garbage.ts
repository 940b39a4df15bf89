import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc') as () => void;

/**
 * Collects garbage, and lets finalizers run, until `isDone`, or long enough that it would have happened. The engine runs finalizers
 * when it finds the time, which on a busy machine takes some: real time, for there is no other.
 */
export async function collectGarbage(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 30; round++) {
    // A reference that was read, by `isDone` too, is held until the end of its turn.
    await nextTurn();
    gc();
    await nextTurn();
    if (isDone()) return;
    if (round >= 10) await aMoment();
  }
}

/** What can be seen right after garbage was collected, before any finalizer runs. */
export async function collected<T>(look: () => T): Promise<T> {
  await nextTurn();
  gc();
  return look();
}

function aMoment(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
