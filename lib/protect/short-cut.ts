import type { Call } from '../core/call';
import { FunctionRunner, type Runner, type SecondChance } from '../core/runner';
import type { Breaker } from '../breaker/breaker';
import { BreakerRunner } from '../breaker/runner';

/**
 * A pipeline of which a wrapper can do itself what the layers would: a breaker around the function, at most with a retry
 * around both. That is most calls of most programs, and spares them half of what the layers add.
 */
export class ShortCut {
  private constructor(
    /** The call of all calls that take it. */
    readonly call: Call,
    readonly breaker: Breaker,
    readonly retry: SecondChance | undefined,
  ) {}

  /** The short cut through a pipeline, where there is one. */
  static through(runner: Runner, call: Call): ShortCut | undefined {
    const retry = givesSecondChance(runner) ? runner : undefined;
    const breaker = retry === undefined ? runner : retry.next;
    if (!(breaker instanceof BreakerRunner)) return undefined;
    const { next } = breaker;
    return next instanceof FunctionRunner ? new ShortCut(call, breaker.breaker, retry) : undefined;
  }
}

/** Whether a layer gives a second chance, and nothing else. */
function givesSecondChance(runner: Runner): runner is SecondChance {
  return (runner as Partial<SecondChance>).isPlain === true;
}
