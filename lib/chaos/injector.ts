import type { Random } from '../core/random';
import type { Latency } from './options';

/** The faults to inject into runs of a function. At most one of `fault` and `result` is given. */
export interface Injection {
  /** An error, or a function that gives one. */
  readonly fault?: object | (() => unknown) | undefined;
  readonly latency?: Latency | undefined;
  /** A value, or a function of the arguments that gives it; undefined for none. */
  readonly result?: unknown;
  /** Share of runs that it is done to, 0–1. */
  readonly rate: number;
}

/** The injection for one run: a delay, and then an error, a result, or neither. */
export interface Strike {
  /** Milliseconds; undefined for no wait at all. */
  readonly latencyMs: number | undefined;
  readonly instead: 'fault' | 'result' | undefined;
}

/** Decides what is done to which runs: by chance, or by a script. With the same randomness it decides the same. */
export class Injector {
  readonly #injection: Injection;
  readonly #random: Random;
  readonly #script: boolean[] | undefined;

  /** @param script - Whether something is done to the first run, the second and so on, and to none after; else the rate decides. */
  constructor(injection: Injection, random: Random, script?: readonly boolean[]) {
    this.#injection = injection;
    this.#random = random;
    this.#script = script && [...script];
  }

  /** @returns What is to be done to the next run; undefined when nothing is. */
  next(): Strike | undefined {
    const { rate, latency, fault, result } = this.#injection;
    const strikes = this.#script === undefined ? this.#random() < rate : this.#script.shift() === true;
    if (!strikes) return undefined;
    return {
      latencyMs: latency && this.#between(latency),
      instead: fault !== undefined ? 'fault' : result !== undefined ? 'result' : undefined,
    };
  }

  /** The error of a fault. What a function of the user's throws is an error too. */
  fault(): unknown {
    const { fault } = this.#injection;
    if (typeof fault !== 'function') return fault;
    try {
      return (fault as () => unknown)();
    } catch (thrown) {
      return thrown;
    }
  }

  /** A latency that is always the same needs no chance. */
  #between({ min, max }: Latency): number {
    return min === max ? min : min + this.#random() * (max - min);
  }
}
