import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { mayRepeat } from '../core/idempotent';
import type { Allowance, PolicySink } from '../core/policy';
import { reactedTo, rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import type { Latencies } from './latencies';
import type { HedgeMemory } from './memory';
import type { ResolvedHedgeOptions } from './options';
import { Race, type RaceRules } from './race';
import { judgeOf } from './verdict';

/** Starts another run of a call that takes long; the first to work wins. */
export class HedgeRunner implements Runner {
  readonly #rules: RaceRules;
  readonly #memory: HedgeMemory;
  readonly #fixedDelayMs: number | undefined;
  readonly #idempotent: ResolvedHedgeOptions['idempotent'];

  /** @param allowance - The budget of a retry around it. */
  constructor(options: ResolvedHedgeOptions, next: Runner, sink: PolicySink, clock: Clock, memory: HedgeMemory, allowance: Allowance | undefined) {
    const { delay, maxHedges, idempotent } = options;
    const { latencies, budget } = memory;
    this.#rules = { next, sink, clock, maxHedges, latencies, allowance: budget ?? allowance, judge: judgeOf(options) };
    // The retry around it tells a budget that they share of each call.
    this.#memory = { latencies, budget: budget === allowance ? undefined : budget };
    this.#fixedDelayMs = typeof delay === 'number' ? delay : undefined;
    this.#idempotent = idempotent;
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { cancellation } = call;
    if (cancellation?.aborted === true) return rejected(cancellation.reason, onFailure);
    if (!mayRepeat(this.#idempotent, args)) return this.#rules.next.run(call, self, args, onSuccess, onFailure);
    const { budget, latencies } = this.#memory;
    budget?.deposit();
    const delayMs = this.#fixedDelayMs ?? latencies?.delayMs;
    if (delayMs === undefined) return this.#measured(latencies as Latencies, call, self, args, onSuccess, onFailure);
    const result = new Race(this.#rules, call, self, args, delayMs).run();
    return reactedTo(result, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.#rules.next.blockedForMs(self, args);
  }

  /** A call while too little is known to hedge. */
  #measured(latencies: Latencies, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const { next, clock } = this.#rules;
    const startedAtMs = clock.now();
    const succeeded = (value: unknown): unknown => {
      latencies.answered(clock.now() - startedAtMs);
      return onSuccess === undefined ? value : onSuccess(value);
    };
    return next.run(call, self, args, succeeded, onFailure);
  }
}
