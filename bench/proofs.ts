import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Protect } from './operations';
import { MAX_CONCURRENT } from './settings';
import type { Group } from './timing';

/** Shows that a protection protects, before it is measured: one that passes every call through would win. */
export type Proof = (protect: Protect) => Promise<boolean>;

/** A call whose first attempt fails works in the end. */
export const retries: Proof = async (protect) => {
  let attempts = 0;
  const call = protect(async () => {
    if (++attempts === 1) throw refused;
    return attempts;
  });
  return (await call(0)) === 2;
};

/** A call that never settles is rejected. */
export const timesOut: Proof = async (protect) => rejects(protect(never)(0));

/** The same under a retry: the next attempt works. */
export const retriesTimeouts: Proof = async (protect) => {
  let attempts = 0;
  const call = protect((id) => (++attempts === 1 ? never(id) : Promise.resolve(attempts)));
  return (await call(0)) === 2;
};

/** Of many calls at a time, no more than allowed reach the function. */
export const bounds: Proof = async (protect) => {
  let running = 0;
  let most = 0;
  const call = protect(async () => {
    most = Math.max(most, ++running);
    await sleep(50);
    running--;
  });
  await Promise.allSettled(Array.from({ length: MAX_CONCURRENT + 10 }, (_, n) => call(n)));
  return most === MAX_CONCURRENT;
};

/** After so many failures at a time, no call reaches the function any more. */
export function opensAfter(failures: number): Proof {
  return async (protect) => {
    let runs = 0;
    const call = protect(async () => {
      runs++;
      throw refused;
    });
    await Promise.allSettled(Array.from({ length: failures }, (_, n) => call(n)));
    const before = runs;
    return (await rejects(call(0))) && runs === before;
  };
}

/**
 * All proofs of all groups, at once: most of their time is waiting.
 *
 * @throws When a contender does not do the work of its group.
 */
export async function prove(groups: readonly Group[]): Promise<void> {
  await Promise.all(
    groups.flatMap(({ title, proofs = [], contenders }) =>
      contenders.flatMap(({ name, protect, lacks }) =>
        proofs.map(async (proof, n) => {
          if (protect === undefined || proof === lacks?.proof || (await holds(proof, protect))) return;
          throw new Error(`${title}: ${name} does not pass proof ${n + 1}`);
        }),
      ),
    ),
  );
}

/** Longer than any of them takes: three attempts with their time-outs and delays. */
const LONGEST_MS = 20_000;

/** A call that never comes back proves nothing. */
async function holds(proof: Proof, protect: Protect): Promise<boolean> {
  const giveUp = new AbortController();
  try {
    return await Promise.race([proof(protect), sleep(LONGEST_MS, false, { signal: giveUp.signal })]);
  } catch {
    return false;
  } finally {
    giveUp.abort();
  }
}

const refused = new Error('connect ECONNREFUSED');

const never: Operation = () =>
  new Promise(() => {
    // It never settles.
  });

function rejects(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(() => false, () => true);
}
