import { setImmediate as macrotask } from 'node:timers/promises';
import { do_not_optimize } from 'mitata';
import type { Operation } from './operations';

// mitata's `measure` takes one contender after the other, in a loop compiled for it alone: a machine that slows down
// meanwhile then shows as a difference between contenders, and each is inlined into its own loop. Here all contenders
// go through the same loop, turn by turn, many times, and are compared turn by turn. Of mitata we use the means
// to keep results alive.

/** Runs so many calls and tells how long they took, in milliseconds. */
export type Loop = (calls: readonly Operation[], count: number) => Promise<number>;

export interface Contender {
  readonly name: string;
  /** The same policy around different functions, called in turn; four of them. */
  readonly calls: readonly Operation[];
}

/** Contenders that do the same job. */
export interface Group {
  readonly title: string;
  readonly loop: Loop;
  readonly contenders: readonly Contender[];
}

/** Nanoseconds a call, one figure a round. Figures of the same round were taken within a second of each other. */
type Samples = readonly number[];

/** By group title, then by contender. */
export type Timings = ReadonlyMap<string, ReadonlyMap<string, Samples>>;

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
const WARM_UP_CALLS = 20_000;
const WARM_UP_MS = 300;

interface Runner extends Contender {
  readonly loop: Loop;
  readonly samples: number[];
  count: number;
}

/** Measures all contenders of all groups, interleaved, in an order drawn anew for every round. */
export async function time(groups: readonly Group[], rounds: number): Promise<Timings> {
  const runners = new Map(groups.map(({ title, loop, contenders }) => [title, contenders.map((each) => toRunner(each, loop))]));
  const all = [...runners.values()].flat();
  for (const runner of all) await warmUp(runner);
  // Only when all are warm, so that hardly anything is compiled anew any more.
  for (const runner of all) await calibrate(runner);
  for (let round = 0; round < rounds; round++) {
    for (const runner of shuffled(all)) {
      runner.samples.push(((await batch(runner)) / runner.count) * 1e6);
    }
  }
  return new Map([...runners].map(([title, group]) => [title, new Map(group.map(({ name, samples }) => [name, samples]))]));
}

function toRunner(contender: Contender, loop: Loop): Runner {
  if (contender.calls.length !== 4) throw new Error(`${contender.name} must protect four functions`);
  return { ...contender, loop, samples: [], count: 4 };
}

/** Timers, such as those of opossum's statistics, and notices of unhandled rejections have their turn outside the batch. */
async function batch({ loop, calls, count }: Runner): Promise<number> {
  await macrotask();
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

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
