import type { Call } from '../core/call';
import { FunctionRunner, type Runner, type SecondChance } from '../core/runner';
import type { Breaker } from '../breaker/breaker';
import { BreakerRunner } from '../breaker/runner';
import type { AbandonableRun } from '../timeout/abandonable-run';
import type { AbandonRunner } from '../timeout/runner';

/**
 * A pipeline of which a wrapper can do itself what the layers would: a breaker around the function, at most with a timeout between
 * them, or with a retry around both. That is most calls of most programs, and spares them half of what the layers add.
 */
export class ShortCut {
  private constructor(
    /** The call of all calls that take it. */
    readonly call: Call,
    readonly breaker: Breaker,
    readonly timeout: AbandonRunner | undefined,
    readonly retry: SecondChance | undefined,
  ) {}

  /** The short cut through a pipeline, where there is one. */
  static through(runner: Runner, call: Call): ShortCut | undefined {
    const retry = givesSecondChance(runner) ? runner : undefined;
    const breaker = retry === undefined ? runner : retry.next;
    if (!(breaker instanceof BreakerRunner)) return undefined;
    const { next } = breaker;
    if (next instanceof FunctionRunner) return new ShortCut(call, breaker.breaker, undefined, retry);
    return retry === undefined && isTimeout(next) ? new ShortCut(call, breaker.breaker, next, undefined) : undefined;
  }

  /** Begins a run of a call under the timeout; undefined when the call must go through the layers. */
  begin(): AbandonableRun | undefined {
    const { timeout } = this;
    const queue = timeout?.queue();
    const admission = queue && this.breaker.admitPlainly();
    if (timeout === undefined || queue === undefined || admission === undefined) return undefined;
    const run = timeout.plainRun(this.call, queue);
    run.begin(admission.success, admission.failure);
    return run;
  }
}

/** Whether a layer gives a second chance, and nothing else. */
function givesSecondChance(runner: Runner): runner is SecondChance {
  return (runner as Partial<SecondChance>).isPlain === true;
}

/** Whether a layer is a timeout, and nothing else. By what it says of itself: to import its class would weigh on those who have none. */
function isTimeout(runner: Runner): runner is AbandonRunner {
  return (runner as Partial<AbandonRunner>).hasShortCut === true;
}
