import type { Call } from '../core/call';
import type { Clock } from '../core/clock';
import { ThrottledError, withoutStack } from '../core/errors';
import { CALLERS_ABORT, judge, toBeJudged, type Judge } from '../core/outcome';
import type { StateSource } from '../core/partitions';
import type { PolicySink } from '../core/policy';
import type { Random } from '../core/random';
import { passedOn } from '../core/rejection';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import { tell } from '../core/tell';
import { SLICES } from '../core/time-ring';
import type { ThrottleEvent } from './events';
import type { ResolvedThrottleOptions } from './options';
import type { RequestHistory } from './request-history';

/** What a throttle is given beside its options. */
interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: PolicySink;
}

/** Holds back a share of the calls while the dependency refuses many. */
export class ThrottleRunner implements Runner {
  readonly #options: ResolvedThrottleOptions;
  readonly #judge: Judge;

  constructor(
    options: ResolvedThrottleOptions,
    private readonly source: StateSource<RequestHistory>,
    private readonly next: Runner,
    private readonly around: Surroundings,
  ) {
    this.#options = options;
    this.#judge = judge(options);
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    let history: RequestHistory;
    try {
      history = this.source.stateFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    const { k, maxRejection } = this.#options;
    const probability = Math.min(maxRejection, history.rejectionProbability(k));
    if (probability > 0 && this.around.random() < probability) return rejected(this.#reject(call, history, probability), onFailure);
    return this.#runCounted(history, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  #runCounted(history: RequestHistory, call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.next.run(
      call,
      self,
      args,
      (value) => {
        if (OpenStream.is(value)) this.#follow(value, call, history);
        else this.#answered(value, call, history);
        return onSuccess === undefined ? value : onSuccess(value);
      },
      (error) => {
        this.#failed(error, call, history);
        return passedOn(error, onFailure);
      },
    );
  }

  /** A stream is judged when it is over. */
  #follow(stream: OpenStream, call: Call, history: RequestHistory): void {
    stream.report({
      onSuccess: (value) => {
        this.#answered(value, call, history);
      },
      success: () => {
        history.add(true);
      },
      failed: (error) => {
        this.#failed(error, call, history);
        return error;
      },
      ignore: () => undefined,
    });
  }

  #answered(value: unknown, { operation }: Call, history: RequestHistory): void {
    const outcome = this.#judge.value?.({ ok: true, value, operation, ...UNTOLD });
    history.add(outcome !== 'failure');
  }

  #failed(error: unknown, { operation, cancellation }: Call, history: RequestHistory): void {
    const judged = toBeJudged(error, operation, cancellation);
    if (judged === CALLERS_ABORT) return;
    const outcome = this.#judge.error({ ok: false, error: judged, operation, ...UNTOLD });
    if (outcome !== 'ignored') history.add(outcome === 'success');
  }

  /** A request that is held back is one that was not accepted. */
  #reject(call: Call, history: RequestHistory, probability: number): ThrottledError {
    const { clock, sink } = this.around;
    const { key } = history;
    history.add(false);
    tell<ThrottleEvent>(sink, 'throttle', clock, call, { probability }, key);
    return withoutStack(() => new ThrottledError(call.operation, this.#options.window / SLICES, key));
  }
}

/** What a judge without `classify` does not look at. */
const UNTOLD = { duration: 0, signal: undefined } as const;
