import { setImmediate as macrotask } from 'node:timers/promises';
import { do_not_optimize } from 'mitata';
import type { Library } from './libraries';
import type { Operation, Protect } from './operations';
import type { Proof } from './proofs';
import { shuffled } from './shuffled';

// mitata's `measure` takes one contender after the other, in a loop compiled for it alone: a machine that slows down
// meanwhile then shows as a difference between contenders, and each is inlined into its own loop. Here all contenders
// go through the same loop, turn by turn, many times, and are compared turn by turn. Of mitata we use the means
// to keep results alive.

/** Runs so many calls and tells how long they took, in milliseconds. */
export type Loop = (calls: readonly Operation[], count: number) => Promise<number>;

export interface Contender {
  readonly name: string;
  /** The package that does the work; nothing for the function itself and what is written by hand. */
  readonly library?: Library;
  /** The part of the group's work that it does not do: shown beside the others, but no rival. */
  readonly lacks?: { readonly part: string; readonly proof: Proof };
  /** The same policy around different functions, called in turn; four of them. */
  readonly calls: readonly Operation[];
  /** Puts the policy around yet another function, to show that it works. */
  readonly protect?: Protect;
}

/** Contenders that do the same job. */
export interface Group {
  readonly title: string;
  readonly loop: Loop;
  readonly contenders: readonly Contender[];
  /** What every contender that has a `protect` must show. */
  readonly proofs?: readonly Proof[];
}

/** A contender, and what its calls took. */
export interface Timed extends Contender {
  /** Nanoseconds a call, one figure a round. Figures of the same round were taken within a second of each other. */
  readonly samples: readonly number[];
}

/** Whether it is the work of a peer, and all of it. */
export function isRival({ library, lacks }: Contender): boolean {
  return library !== undefined && library !== 'breaker-box' && lacks === undefined;
}

/** By group title, then by contender. */
export type Timings = ReadonlyMap<string, ReadonlyMap<string, Timed>>;

/**
 * The processor time of this process, in milliseconds: what other processes take of the machine meanwhile does not
 * count, and what the engine does on other threads for the code that is measured, such as collecting garbage, does.
 */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls that are awaited one by one. */
export const awaited: Loop = async (calls, count) => {
  let last: unknown;
  const startedAt = cpuMs();
  for (let i = 0; i < count; i++) last = await calls[i & 3]!(i);
  const elapsed = cpuMs() - startedAt;
  do_not_optimize(last);
  return elapsed;
};

/** Calls that reject, each awaited and caught. */
export const awaitedAndCaught: Loop = async (calls, count) => {
  let last: unknown;
  let caught = 0;
  const startedAt = cpuMs();
  for (let i = 0; i < count; i++) {
    try {
      await calls[i & 3]!(i);
    } catch (error) {
      last = error;
      caught++;
    }
  }
  const elapsed = cpuMs() - startedAt;
  do_not_optimize(last);
  if (caught !== count) throw new Error(`${count - caught} of ${count} calls did not reject`);
  return elapsed;
};

const CHUNK = 500;

/** What calls that reject cost until they return; their promises are dealt with while the watch is stopped. */
export const untilReturned: Loop = async (calls, count) => {
  let elapsed = 0;
  for (let done = 0; done < count; done += CHUNK) {
    const promises = new Array<Promise<unknown>>(CHUNK);
    const startedAt = cpuMs();
    for (let i = 0; i < CHUNK; i++) promises[i] = calls[i & 3]!(i);
    elapsed += cpuMs() - startedAt;
    await Promise.allSettled(promises);
  }
  return (elapsed * count) / (Math.ceil(count / CHUNK) * CHUNK);
};

const BATCH_MS = 12;
/** Of a batch: what is run before it, and not measured. */
const LEAD_IN_SHARE = 1 / 4;
const WARM_UP_TURNS = 4;
const WARM_UP_CALLS = 30_000;
const WARM_UP_MS = 500;

interface Runner extends Timed {
  readonly loop: Loop;
  readonly samples: number[];
  count: number;
}

/**
 * Measures the contenders of each group, interleaved, in an order drawn anew for every round.
 *
 * The groups follow each other: among all the contenders of all groups at once, those that allocate and compile much come out
 * several times slower than by themselves.
 */
export async function time(groups: readonly Group[], rounds: number): Promise<Timings> {
  const timings = new Map<string, ReadonlyMap<string, Timed>>();
  for (const group of groups) timings.set(group.title, await timeGroup(group, rounds));
  return timings;
}

async function timeGroup({ loop, contenders }: Group, rounds: number): Promise<ReadonlyMap<string, Timed>> {
  await checkAnswers(contenders);
  globalThis.gc?.(); // what the group before has left behind
  const runners = contenders.map((contender) => toRunner(contender, loop));
  // In turns, since what the engine learns of one it may have to learn anew after the others.
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
    for (const runner of runners) await warmUp(runner);
  }
  // Only when all are warm, so that hardly anything is compiled anew any more.
  for (const runner of runners) await calibrate(runner);
  for (let round = 0; round < rounds; round++) {
    for (const runner of shuffled(runners)) {
      runner.samples.push(((await batch(runner)) / runner.count) * 1e6);
    }
  }
  return new Map(runners.map((runner) => [runner.name, runner]));
}

function toRunner(contender: Contender, loop: Loop): Runner {
  if (contender.calls.length !== 4) throw new Error(`${contender.name} must protect four functions`);
  return { ...contender, loop, samples: [], count: 4 };
}

/** Each must do the work: what its calls come to is what the calls of the first, which is unprotected, come to. */
async function checkAnswers([reference, ...others]: readonly Contender[]): Promise<void> {
  const expected = await Promise.allSettled(reference!.calls.map((call) => call(7)));
  for (const { name, calls } of others) {
    const answers = await Promise.allSettled(calls.map((call) => call(7)));
    if (!answers.every((answer, n) => isSame(answer, expected[n]!))) throw new Error(`${name} answers otherwise than the function does`);
  }
}

/** Errors may differ: those of an open circuit are its own. */
function isSame(answer: PromiseSettledResult<unknown>, expected: PromiseSettledResult<unknown>): boolean {
  if (answer.status === 'rejected') return expected.status === 'rejected';
  return expected.status === 'fulfilled' && answer.value === expected.value;
}

/**
 * What the contender before has left behind has its turn outside of the batch: timers, such as those of opossum's statistics, notices of
 * unhandled rejections, and its young garbage, which would else be collected at the cost of this one. (To collect all of it would take from the
 * engine the memory that it is about to ask for.) Nor is the beginning measured, while the contender finds its way back into the caches.
 */
async function batch({ loop, calls, count }: Runner): Promise<number> {
  await macrotask();
  globalThis.gc?.({ type: 'minor' });
  await loop(calls, count * LEAD_IN_SHARE);
  return loop(calls, count);
}

async function warmUp(runner: Runner): Promise<void> {
  const startedAt = performance.now();
  runner.count = 500;
  for (let done = 0; done < WARM_UP_CALLS && performance.now() - startedAt < WARM_UP_MS; done += runner.count) await batch(runner);
}

/** Finds how many calls a batch takes. */
async function calibrate(runner: Runner): Promise<void> {
  runner.count = 4;
  while ((await batch(runner)) < BATCH_MS) runner.count *= 2;
}
