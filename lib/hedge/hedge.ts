import { rejected } from '../core/run';
import { isCancelled } from '../core/cancelled';
import { systemClock } from '../core/clock';
import { isRejection } from '../core/errors';
import { mayRepeat, toPredicate, ask } from '../core/outcome';
import type { Driver, LayerContext } from '../core/policy';
import { BUDGET } from '../retry/budget-source';
import { Latencies } from './latencies';
import type { ResolvedHedgeOptions } from './options';
import { Race, type Verdict } from './race';

/** Starts another run of a call that takes long; the first to work wins. */
export function hedging(options: ResolvedHedgeOptions, { registry, operation, sink, ...context }: LayerContext): Driver {
  const { delay, maxHedges, idempotent, clock = context.clock ?? systemClock } = options;
  const latencies = typeof delay === 'number' ? undefined : new Latencies(delay);
  const budget = options.budget?.[BUDGET]({ clock, registry, operation });
  const allowance = budget ?? context.allowance;
  // The retry around it deposits in a budget that both share.
  const deposits = budget === context.allowance ? undefined : budget;
  const rules = { sink, clock, maxHedges, latencies, allowance, verdictOf: verdicts(options) };
  return (next) => ({
    run(call, self, args) {
      if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason);
      if (!mayRepeat(idempotent, args)) return next.run(call, self, args);
      deposits?.deposit();
      return new Race(rules, next, call, self, args, latencies === undefined ? (delay as number) : latencies.delayMs).run();
    },
  });
}

/** Reads errors by `handle` and `ignore`. A throw of `handle` counts as handled, one of `ignore` as not ignored. */
function verdicts(options: ResolvedHedgeOptions): (error: unknown) => Verdict {
  const handle = options.handle && toPredicate(options.handle);
  const ignore = options.ignore && toPredicate(options.ignore);
  return (error) => {
    const otherwise = isCancelled(error) || isRejection(error) ? 'nothing' : handle === undefined ? 'failure' : 'answer';
    if (ignore !== undefined && ask(ignore, 'ignore', error, false)) return otherwise === 'nothing' ? 'nothing' : 'answer';
    return handle !== undefined && ask(handle, 'handle', error, true) ? 'failure' : otherwise;
  };
}
