import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc') as () => void;

/** Collects garbage, and lets finalizers run, until `isDone`, or long enough that it would have happened. */
export async function collectGarbage(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 10; round++) {
    // A reference that was read, by `isDone` too, is held until the end of its turn.
    await nextTurn();
    gc();
    await nextTurn();
    if (isDone()) return;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
