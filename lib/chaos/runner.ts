import type { AnyFunction, Call } from '../core/call';
import { systemClock, type Clock } from '../core/clock';
import { ask } from '../core/outcome';
import type { PolicySink } from '../core/policy';
import { receiverOf } from '../core/receiver';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { sleep } from '../core/sleep';
import { substitute } from '../core/substitute';
import { tell } from '../core/tell';
import { warnOnce } from '../core/warn';
import type { ChaosEvent } from './events';
import type { Injector, Strike } from './injector';
import type { ResolvedChaosOptions } from './options';
import { isProduction } from './production';

interface Surroundings {
  readonly operation: string;
  readonly isStream: boolean;
  readonly clock: Clock | undefined;
  readonly sink: PolicySink;
}

/** Does to runs of a function what an {@link Injector} decides. */
export class ChaosRunner implements Runner {
  readonly #options: ResolvedChaosOptions;
  readonly #next: Runner;
  readonly #injector: Injector;
  readonly #answer: Runner;
  readonly #sink: PolicySink;
  readonly #clock: Clock;

  constructor(options: ResolvedChaosOptions, next: Runner, injector: Injector, around: Surroundings) {
    const { result, clock } = options;
    this.#options = options;
    this.#next = next;
    this.#injector = injector;
    this.#answer = substitute(typeof result === 'function' ? (result as AnyFunction) : () => result, 'result of chaos', around);
    this.#sink = around.sink;
    this.#clock = clock ?? around.clock ?? systemClock;
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const strike = this.#isOn() ? this.#injector.next() : undefined;
    if (strike === undefined) return this.#next.run(call, self, args, onSuccess, onFailure);
    if (strike.latencyMs === undefined) return this.#strike(strike, call, self, args, onSuccess, onFailure);
    this.#tell(call, 'latency');
    return sleep(strike.latencyMs, this.#clock, call.cancellation)
      .then(() => this.#strike(strike, call, self, args))
      .then(onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.#next.blockedForMs(self, args);
  }

  #strike({ instead }: Strike, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    if (instead === undefined) return this.#next.run(call, self, args, onSuccess, onFailure);
    this.#tell(call, instead);
    if (instead === 'fault') return rejected(this.#injector.fault(), onFailure);
    return this.#answer.run(call, receiverOf(self), args, onSuccess, onFailure);
  }

  #isOn(): boolean {
    const { enabled, allowInProduction } = this.#options;
    if (typeof enabled === 'boolean') return enabled;
    if (!ask(enabled, 'enabled', undefined, false)) return false;
    if (allowInProduction || !isProduction()) return true;
    const message = `Chaos is enabled where NODE_ENV is 'production', without allowInProduction: it stays off`;
    warnOnce(this.#options, 'BREAKER_BOX_CHAOS_IN_PRODUCTION', message);
    return false;
  }

  #tell(call: Call, injected: ChaosEvent['injected']): void {
    tell<ChaosEvent>(this.#sink, 'chaos', this.#clock, call, { injected });
  }
}
