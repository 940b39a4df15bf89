import { ageClockOf, systemClock, type Clock } from '../core/clock';
import type { Call } from '../core/call';
import type { Cancellation } from '../core/cancellation';
import { ThrottledError } from './throttled-error';
import { withoutStack } from '../core/errors';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import type { StateGuard } from '../core/keyed-states';
import { classifierOf, outcomeOf, type Classifier } from '../core/outcome';
import { permitBy } from '../core/pass';
import { Refusal, type LayerContext, type Permit, type PolicySink } from '../core/policy';
import { systemRandom, type Random } from '../core/random';
import { SLICES } from '../core/time-ring';
import type { ResolvedThrottleOptions } from './options';
import { RequestHistory } from './request-history';

/** A call was held back. */
export interface ThrottleEvent extends PolicyEvent<'throttle'> {
  /** How probable that was, from 0 to 1. */
  readonly probability: number;
}

export type ThrottleEvents = { throttle: ThrottleEvent };

/** Holds back a share of the calls while the dependency refuses many. */
export class Shedding implements StateGuard {
  readonly #options: ResolvedThrottleOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sink: PolicySink;
  readonly #classifier: Classifier;
  readonly #history: RequestHistory;
  readonly #operation: string;
  /** That of the operation's calls that nobody can cancel. */
  readonly #plainPermit: Permit;
  /** With which the call was held back that asks `deny` next. */
  #probability = 0;

  /** @param key - Of a keyed throttle. */
  constructor(
    options: ResolvedThrottleOptions,
    { operation, clock, random, sink }: Pick<LayerContext, 'operation' | 'clock' | 'random' | 'sink'>,
    readonly key?: string,
  ) {
    this.#options = options;
    this.#clock = options.clock ?? clock ?? systemClock;
    this.#random = options.random ?? random ?? systemRandom;
    this.#sink = sink;
    this.#classifier = classifierOf(options);
    this.#history = new RequestHistory(options.window, ageClockOf(this.#clock));
    this.#operation = operation;
    this.#plainPermit = this.#permit(operation, undefined);
  }

  get isIdle(): boolean {
    return this.#history.isEmpty;
  }

  admit({ operation, cancellation }: Call): Permit | undefined {
    const { k, maxRejection } = this.#options;
    const probability = Math.min(maxRejection, this.#history.rejectionProbability(k));
    if (probability > 0 && this.#random() < probability) {
      this.#probability = probability;
      return undefined;
    }
    const isPlain = cancellation === undefined && operation === this.#operation;
    return isPlain ? this.#plainPermit : this.#permit(operation, cancellation);
  }

  /** A request that is held back is one that was not accepted. */
  deny(call: Call): Refusal {
    const { key } = this;
    this.#history.add(false);
    emitPolicyEvent<ThrottleEvent>(this.#sink, 'throttle', this.#clock, call, { probability: this.#probability }, key);
    const { window, rejectionStacks } = this.#options;
    return new Refusal(withoutStack(() => new ThrottledError(call.operation, window / SLICES, key), rejectionStacks));
  }

  #permit(operation: string, cancellation: Cancellation | undefined): Permit {
    return permitBy((result, known) => {
      const outcome = known ?? outcomeOf(this.#classifier, operation, result, 0, cancellation);
      if (outcome !== 'ignored') this.#history.add(outcome === 'success');
    });
  }
}
