import { type AnyFunction, type Call, receiverOf } from '../core/call';
import { systemClock } from '../core/clock';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import { ask } from '../core/outcome';
import type { Driver, LayerContext } from '../core/policy';
import { rejected } from '../core/run';
import { sleep } from '../core/timer';
import { substitute } from '../core/stream';
import { warnOnce } from '../core/warn';
import type { Injector } from './injector';
import { isProduction, type ResolvedChaosOptions } from './options';

/** Something was done to an attempt on purpose. */
export interface ChaosEvent extends PolicyEvent<'chaos'> {
  readonly injected: 'fault' | 'latency' | 'result';
}

export type ChaosEvents = { chaos: ChaosEvent };

/** Does to runs of a function what an {@link Injector} decides. */
export function injecting(options: ResolvedChaosOptions, injector: Injector, context: LayerContext): Driver {
  const { result, clock = context.clock ?? systemClock } = options;
  const answer = substitute(typeof result === 'function' ? (result as AnyFunction) : () => result, 'result of chaos', context);
  const emit = (call: Call, injected: ChaosEvent['injected']): void => {
    emitPolicyEvent<ChaosEvent>(context.sink, 'chaos', clock, call, { injected });
  };
  return (next) => ({
    run(call, self, args) {
      const strike = isOn(options) ? injector.next() : undefined;
      if (strike === undefined) return next.run(call, self, args);
      const { instead, latencyMs } = strike;
      const run = (): Promise<unknown> => {
        if (instead === undefined) return next.run(call, self, args);
        emit(call, instead);
        return instead === 'fault' ? rejected(injector.fault()) : answer.run(call, receiverOf(self), args);
      };
      if (latencyMs === undefined) return run();
      emit(call, 'latency');
      return sleep(latencyMs, clock, call.cancellation).then(run);
    },
  });
}

function isOn(options: ResolvedChaosOptions): boolean {
  const { enabled, allowInProduction } = options;
  if (typeof enabled === 'boolean') return enabled;
  if (!ask(enabled, 'enabled', undefined, false)) return false;
  if (allowInProduction || !isProduction()) return true;
  const message = `Chaos is enabled where NODE_ENV is 'production', without allowInProduction: it stays off`;
  warnOnce(options, 'BREAKER_BOX_CHAOS_IN_PRODUCTION', message);
  return false;
}
