import type { Call, Args } from '../core/call';
import { isCancelled } from '../core/cancelled';
import { systemClock, type Clock } from '../core/clock';
import { codeFrom, isRejection } from '../core/errors';
import { toPredicate } from '../core/outcome';
import type { Driver, Guard, LayerContext, PolicySink, Run } from '../core/policy';
import { systemRandom, type Random } from '../core/random';
import { Rejection, runOr } from '../core/run';
import { AdaptiveBackoff } from './backoff';
import type { RetryBudget } from './budget';
import { BUDGET } from './budget-source';
import type { ResolvedRetryOptions } from './options';
import { nesting, RetryingCall } from './retrying-call';

/** A retry in a pipeline: what all calls under it have in common. */
export interface Retry {
  /** The policy: the same in all registries. */
  readonly options: ResolvedRetryOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: PolicySink;
  /** Runs an attempt. */
  readonly next: Run;
  /** The guards that an attempt meets. */
  readonly inside: readonly Guard[];
  readonly budget: RetryBudget | undefined;
  readonly adaptive: AdaptiveBackoff | undefined;
  readonly handles: (error: unknown) => boolean;
  readonly ignores: ((error: unknown) => boolean) | undefined;
}

/** Runs a call again while it fails. */
export function retrying(options: ResolvedRetryOptions, context: LayerContext): Driver {
  const { handle, ignore } = options;
  const clock = options.clock ?? context.clock ?? systemClock;
  const common = {
    options,
    clock,
    random: options.random ?? context.random ?? systemRandom,
    sink: context.sink,
    budget: options.budget?.[BUDGET]({ clock, registry: context.registry, operation: context.operation }),
    adaptive: options.backoff === 'adaptive' ? new AdaptiveBackoff() : undefined,
    handles: handle === undefined ? isRetriedByDefault : toPredicate(handle),
    ignores: ignore && toPredicate(ignore),
  };
  return Object.assign((next: Run, inside: readonly Guard[]) => new RetryRun({ ...common, next, inside }), { allowance: common.budget });
}

/** The first attempt costs a call that works nothing but a closure; all the rest happens after a failure. */
class RetryRun implements Run {
  readonly #retry: Retry;
  /** Whether a first attempt that works needs nothing done. */
  readonly #isPlain: boolean;

  constructor(retry: Retry) {
    const { options, budget, adaptive } = retry;
    this.#retry = retry;
    this.#isPlain = (options.handleResult ?? options.maxElapsed ?? budget ?? adaptive) === undefined;
  }

  run(call: Call, self: unknown, args: Args): Promise<unknown> {
    if (!this.#isPlain || call.cancellation !== undefined || nesting.isWatched) return new RetryingCall(this.#retry, call, self, args).run();
    // What an outer retry counts are runs of this one.
    const first = call.attempt === 1 ? call : call.as(1, undefined);
    return runOr(this.#retry.next, first, self, args, (error) => this.#again(error, first, self, args));
  }

  #again(error: unknown, call: Call, self: unknown, args: Args): unknown {
    // A rejection by the open circuit must cost as little with a retry as without.
    if (!this.#retry.options.waitForCircuit && codeFrom(call.operation, error) === 'BREAKER_OPEN') return new Rejection(error);
    return new RetryingCall(this.#retry, call, self, args).goOn({ error });
  }
}

/** Cancellations, and rejections by any policy, are not worth another attempt. */
function isRetriedByDefault(error: unknown): boolean {
  return !isCancelled(error) && !isRejection(error);
}
