import { abortError, CancellationSource } from '../core/cancellation';
import type { Call, Args } from '../core/call';
import type { Clock } from '../core/clock';
import { dispose } from '../core/dispose';
import { type PolicyEvent, emitPolicyEvent } from '../core/observers';
import type { Allowance, PolicySink, Run } from '../core/policy';
import { Rejection } from '../core/run';
import { startTimer } from '../core/timer';
import type { Latencies } from './latencies';

/** Another run of an attempt was started beside it. */
export interface HedgeEvent extends PolicyEvent<'hedge'> {
  /** From 1. */
  readonly hedge: number;
  /** Milliseconds after the run before; 0 when that had failed. */
  readonly delay: number;
}

export type HedgeEvents = { hedge: HedgeEvent };

/**
 * The effect of the error of one run on the call: `failure` starts the next run at once; `answer` ends the call; `nothing`
 * leaves the call to the other runs, because the run did not happen or was cancelled.
 */
export type Verdict = 'failure' | 'answer' | 'nothing';

/** The value of a run that does not decide the race: a promise that is resolved with it stays as it is. */
const NOTHING_YET = { then: (): void => undefined };

/** Settings and budget that all races of a hedge share. */
export interface RaceRules {
  readonly sink: PolicySink;
  readonly clock: Clock;
  readonly maxHedges: number;
  /** Asked before each run beside the first. */
  readonly allowance: Allowance | undefined;
  /** Learns how long first runs take; undefined when the delay is fixed. */
  readonly latencies: Latencies | undefined;
  readonly verdictOf: (error: unknown) => Verdict;
}

/** The runs of one attempt: the first to work decides it, and the others are aborted. */
export class Race {
  readonly #rules: RaceRules;
  readonly #next: Run;
  readonly #call: Call;
  readonly #self: unknown;
  readonly #args: Args;
  readonly #delayMs: number;
  readonly #maxHedges: number;
  /** The cancellation of each run that has not ended. */
  readonly #running = new Set<CancellationSource>();
  #started = 0;
  /** The last failure. One with the verdict `nothing` is kept only while there is no other. */
  #failure: { readonly error: unknown } | undefined;
  /** No run starts any more. */
  #isClosed = false;
  #isDecided = false;
  /** The outcome that the caller got. */
  #answer: unknown;
  /** When the first run began, while it is measured. */
  #measuredFromMs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  /** @param delayMs - Undefined while too little is known to hedge: there is one run, which is measured. */
  constructor(rules: RaceRules, next: Run, call: Call, self: unknown, args: Args, delayMs: number | undefined) {
    this.#rules = rules;
    this.#next = next;
    this.#call = call;
    this.#self = self;
    this.#args = args;
    this.#delayMs = delayMs ?? Infinity;
    this.#maxHedges = delayMs === undefined ? 0 : rules.maxHedges;
    this.#measuredFromMs = rules.latencies && rules.clock.now();
  }

  run(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      // Each run follows the call by itself; here is what else its end ends. The runs decide what the caller gets.
      this.#unsubscribe = this.#call.cancellation?.subscribe(() => {
        this.#measure(true);
        this.#close();
      });
      this.#start();
    });
  }

  #start(): void {
    const call = this.#call;
    const hedge = this.#started++;
    const source = new CancellationSource(call.cancellation);
    this.#running.add(source);
    this.#cancelTimer?.();
    this.#cancelTimer = hedge < this.#maxHedges ? startTimer(this.#rules.clock, this.#delayMs, this.#onDelay) : undefined;
    const run = call.as(call.attempt, source);
    void this.#next
      .run(hedge > 0 ? run.asSpecial('hedge') : run, this.#self, this.#args)
      .then(
        (value) => this.#won(hedge, source, value),
        (error: unknown) => this.#lost(hedge, source, error),
      )
      // By the engine's own functions, a stack trace finds its way from the run to who waits for the race.
      .then(this.#resolve, this.#reject);
  }

  readonly #onDelay = (): void => {
    this.#hedge(this.#delayMs, undefined);
  };

  /** Starts another run, if there may be one. */
  #hedge(delay: number, error: unknown): void {
    const { allowance, sink, clock } = this.#rules;
    if (this.#isClosed || this.#started > this.#maxHedges) return;
    if (allowance?.tryWithdraw(error) === false) {
      this.#close();
      return;
    }
    emitPolicyEvent<HedgeEvent>(sink, 'hedge', clock, this.#call, { hedge: this.#started, delay });
    // A listener may have aborted the call.
    if (!this.#isClosed) this.#start();
  }

  /** @returns What the call gets, or {@link NOTHING_YET}. */
  #won(hedge: number, source: CancellationSource, value: unknown): unknown {
    this.#ended(source);
    if (this.#isDecided) {
      // Unless both runs gave the same object, which its caller has.
      if (value !== this.#answer) dispose(value);
      return NOTHING_YET;
    }
    this.#answer = value;
    this.#decide(hedge);
    return value;
  }

  /** @returns What the call gets, or {@link NOTHING_YET}. */
  #lost(hedge: number, source: CancellationSource, error: unknown): unknown {
    this.#ended(source);
    if (this.#isDecided) return NOTHING_YET;
    const verdict = this.#rules.verdictOf(error);
    const { cancellation } = this.#call;
    const isAborted = cancellation?.aborted === true;
    // A caller who has given up waits for no other run.
    if (verdict === 'answer' || isAborted) {
      this.#decide(hedge);
      return new Rejection(isAborted ? cancellation.reason : error);
    }
    if (hedge === 0) this.#measuredFromMs = undefined;
    if (this.#failure === undefined || verdict !== 'nothing') this.#failure = { error };
    if (verdict === 'failure') this.#hedge(0, error);
    if (this.#running.size > 0 || this.#isDecided) return NOTHING_YET;
    // All runs have failed.
    this.#finish();
    return new Rejection(this.#failure.error);
  }

  #ended(source: CancellationSource): void {
    this.#running.delete(source);
    source.release();
  }

  /** @param hedge - The run that answered. */
  #decide(hedge: number): void {
    this.#measure(hedge > 0);
    this.#finish();
    if (this.#running.size === 0) return;
    const reason = abortError(`Another run of ${this.#call.operation} was faster`);
    for (const source of [...this.#running]) source.abort(reason);
  }

  #finish(): void {
    this.#isDecided = true;
    this.#close();
    this.#unsubscribe?.();
  }

  #close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Ends the measurement of the first run. @param isAborted - Nobody waits for it any more. */
  #measure(isAborted: boolean): void {
    const fromMs = this.#measuredFromMs;
    this.#measuredFromMs = undefined;
    if (fromMs !== undefined) this.#rules.latencies?.record(this.#rules.clock.now() - fromMs, isAborted ? this.#delayMs : 0);
  }
}
