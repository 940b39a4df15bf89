import { Breaker, breakerOf, BreakerRegistry, withBreaker, withPolicies } from 'breaker-box';
import type Opossum from 'opossum';
import type { Comparison } from './comparison';
import { FULL_STACK } from './contenders/full-stack';
import { bytesEach } from './heap';
import type { Operation } from './operations';
import { byCockatielFullStack, cockatielBreaker } from './peers/cockatiel';
import { byEffect } from './peers/effect';
import { byMollitiaFullStack, forgetMollitia, mollitiaBreaker } from './peers/mollitia';
import { opossumBreaker } from './peers/opossum';

export const BREAKERS = 100_000;
/** Enough to tell them apart, and few enough for those that take a hundred times as much. */
const INSTANCES = 5000;

/** Bytes of heap that one idle breaker with default options takes. */
export function breakerBytes(): number {
  return bytesEach(BREAKERS, () => () => new Breaker());
}

/** The same for a breaker in a registry, its entry included; the names are there before and do not count. */
export function registeredBreakerBytes(): number {
  const names = namesOf(BREAKERS);
  return bytesEach(BREAKERS, () => {
    const registry = new BreakerRegistry();
    return (n) => breakerOf(names[n]!, undefined, registry);
  });
}

/** The same for a function that `withBreaker` protects, the function itself and its name not counted. */
export function wrapperBytes(): number {
  const names = namesOf(INSTANCES);
  const operations = names.map((_, n): Operation => async (id) => id + n);
  return bytesEach(INSTANCES, () => {
    const registry = new BreakerRegistry();
    return (n) => withBreaker(operations[n]!, { name: names[n]!, registry });
  });
}

/** An idle breaker of each library, as it stands for itself. */
export function idleBreakers(): Comparison {
  const operation: Operation = async (id) => id;
  return {
    title: 'Heap of an idle breaker',
    unit: 'bytes',
    figures: [
      { library: 'breaker-box', value: bytesEach(INSTANCES, () => () => new Breaker()) },
      { library: 'cockatiel', value: bytesEach(INSTANCES, () => () => cockatielBreaker()) },
      { library: 'mollitia', value: bytesEach(INSTANCES, () => () => mollitiaBreaker(), forgetMollitia) },
      { library: 'opossum', value: bytesEach(INSTANCES, () => () => opossumBreaker(operation), shutDown) },
    ],
  };
}

/** A function under all four policies, one of many that a program protects. */
export async function idleStacks(): Promise<Comparison> {
  const effect = await byEffect();
  const names = namesOf(INSTANCES);
  const operations = names.map((_, n): Operation => async (id) => id + n);
  return {
    title: 'Heap of an idle full stack',
    unit: 'bytes',
    figures: [
      {
        library: 'breaker-box',
        value: bytesEach(INSTANCES, () => {
          const registry = new BreakerRegistry();
          return (n) => withPolicies(operations[n]!, { ...FULL_STACK, name: names[n]!, registry });
        }),
      },
      { library: 'cockatiel', value: bytesEach(INSTANCES, () => (n) => byCockatielFullStack(operations[n]!)) },
      { library: 'effect', lacks: 'a breaker', value: bytesEach(INSTANCES, () => (n) => effect.stack(operations[n]!)) },
      { library: 'mollitia', value: bytesEach(INSTANCES, () => (n) => byMollitiaFullStack(operations[n]!), forgetMollitia) },
    ],
  };
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => JSON.stringify({ operation: n }));
}

/** Stops the timers of its statistics, which hold it. */
function shutDown(kept: readonly unknown[]): void {
  for (const breaker of kept as Opossum[]) breaker.shutdown();
}
